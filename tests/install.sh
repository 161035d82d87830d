#!/usr/bin/env bash
# What tests call and pip does not bring, on Debian or Ubuntu, as root: `install.sh slurm` (daemons, commands, munge) or
# `install.sh wsclean`; does nothing where it is.
set -euo pipefail
case "${1-}" in
  slurm) commands="slurmctld slurmd sbatch munge" packages="slurm-wlm munge" ;;
  wsclean) commands=wsclean packages=wsclean ;;
  *) echo "install.sh: expected slurm or wsclean" >&2; exit 2 ;;
esac
for name in $commands; do
  command -v "$name" >/dev/null || missing=yes
done
[ -n "${missing:-}" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "install.sh: the package lists could not be renewed; going on with those that are here" >&2
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $packages >/dev/null
