#!/usr/bin/env bash
# stop.sh FOLDER: end the daemons that start.sh FOLDER started, by process id, and remove the configuration it made.
# A slurm.conf without its daemons would slow every call of Snakemake on this machine by ten seconds.
folder=${1:?usage: stop.sh FOLDER}
etc=${SLURM_ETC:-/etc/slurm}
if [ -s "$folder/slurmctld.pid" ] && kill -0 "$(cat "$folder/slurmctld.pid")" 2>/dev/null; then
  scancel --user root 2>/dev/null # else jobs would outlive the daemons
  for ((i = 0; i < 150; i++)); do [ -n "$(squeue --noheader 2>/dev/null)" ] || break; sleep 0.1; done
fi
for name in slurmd slurmctld munged; do
  [ -s "$folder/$name.pid" ] || continue
  pid=$(cat "$folder/$name.pid")
  kill "$pid" 2>/dev/null
  for ((i = 0; i < 100; i++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null
  rm -f "$folder/$name.pid"
done
for name in slurm gres cgroup; do
  if grep -qs '^# made by tests/slurm/start.sh' "$etc/$name.conf"; then rm -f "$etc/$name.conf"; fi
done
exit 0
