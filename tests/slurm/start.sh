#!/usr/bin/env bash
# start.sh FOLDER: a real SLURM of one node on this machine (munged, slurmctld, slurmd), as root, without systemd.
# State, logs and process ids go to FOLDER; stop.sh FOLDER ends it. slurm.conf must be in /etc/slurm: the job steps
# of Snakemake drop SLURM_CONF. One that this script did not make (SLURM_ETC: looked for there) is never touched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: start.sh FOLDER}
etc=${SLURM_ETC:-/etc/slurm}
host=$(hostname -s)
fail() { echo "start.sh: $1" >&2; exit 1; }

for name in slurm gres cgroup; do
  if [ -e "$etc/$name.conf" ] && ! grep -q '^# made by tests/slurm/start.sh' "$etc/$name.conf"; then
    fail "$etc/$name.conf was not made by this script: this machine belongs to a cluster, nothing is changed"
  fi
done
[ "$(id -u)" = 0 ] || fail "root is needed"
for name in munged slurmctld slurmd sbatch; do
  command -v "$name" >/dev/null || fail "$name is not installed: tests/install.sh slurm"
done
if [ -e "$etc/slurm.conf" ] && scontrol ping >/dev/null 2>&1; then
  fail "a SLURM of these tests is running already"
fi

mkdir -p "$folder"/{state,spool} "$etc"
chmod 755 "$folder"
within() { # within SECONDS WHAT COMMAND...: wait until the command succeeds
  local tries=$(($1 * 10)) what=$2
  shift 2
  for ((i = 0; i < tries; i++)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  tail -n 20 "$folder"/*.log >&2
  "$here/stop.sh" "$folder"
  fail "$what did not come up"
}
run() { # run NAME COMMAND...: a daemon in the background, its process id kept
  local name=$1
  shift
  setsid "$@" >"$folder/$name.out.log" 2>&1 </dev/null &
  echo $! >"$folder/$name.pid"
}

getent hosts "$host" >/dev/null || echo "127.0.0.1 $host" >>/etc/hosts
memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
sed "s|@HOST@|$host|g; s|@FOLDER@|$folder|g; s|@CPUS@|${SLURM_CPUS:-$(env -u OMP_NUM_THREADS nproc)}|g; s|@MEMORY@|$memory|g" \
  "$here/slurm.conf.in" >"$etc/slurm.conf"
cp "$here/gres.conf" "$here/cgroup.conf" "$etc"

if ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1; then
  install -d -o munge -g munge -m 755 /run/munge
  [ -s /etc/munge/munge.key ] || head -c 1024 /dev/urandom >/etc/munge/munge.key
  chown munge:munge /etc/munge/munge.key
  chmod 400 /etc/munge/munge.key
  run munged setpriv --reuid munge --regid munge --clear-groups munged --force --foreground
  within 10 munged bash -c 'set -o pipefail; munge -n | unmunge'
fi
run slurmctld slurmctld -D -i
within 20 slurmctld scontrol ping
run slurmd slurmd -D -N "$host"
within 20 slurmd bash -c "sinfo -h -n $host -o %t | grep -Eq '^(idle|mix|alloc)$'"
