#!/usr/bin/env bash
# SLURM's daemons and commands and munge, on Debian or Ubuntu, as root; does nothing where they are.
set -euo pipefail
for name in slurmctld slurmd sbatch munge; do
  command -v "$name" >/dev/null || missing=yes
done
[ -n "${missing:-}" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "install.sh: the package lists could not be renewed; going on with those that are here" >&2
apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
