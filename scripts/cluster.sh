#!/bin/sh
# A Slurm cluster of one node, this machine, for the tests: munged, slurmctld and slurmd in a folder of their own, on the loopback address.
#
#     scripts/cluster.sh start <folder>     then SLURM_CONF=<folder>/slurm.conf is the cluster
#     scripts/cluster.sh stop <folder>
set -eu
folder=$(mkdir -p "$2" && cd "$2" && pwd)
host=$(hostname -s)

case $1 in
start)
  mkdir -p "$folder/state" "$folder/spool"
  mkdir -p -m 700 "$folder/munge"
  (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
  # Its socket must lie where everybody may look: whatever the folder's owner is.
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge.socket" --pid-file="$folder/munge/pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
  # A lost node is noticed after ten seconds and stays away until it is told to resume. A task that goes back into the queue starts
  # again after five. Arrays are short, so that a sweep of a few points is split.
  cat >"$folder/slurm.conf" <<END
ClusterName=offprint
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SlurmdTimeout=10
ReturnToService=0
MaxArraySize=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
  export SLURM_CONF="$folder/slurm.conf"
  slurmctld
  slurmd
  for _ in $(seq 100); do
    if sinfo --noheader --format=%t 2>/dev/null | grep -q idle; then exit 0; fi
    sleep 0.2
  done
  echo "cluster: the node does not come up" >&2
  tail -n 5 "$folder/slurmctld.log" "$folder/slurmd.log" >&2
  exit 1
  ;;
stop)
  SLURM_CONF="$folder/slurm.conf" scancel --user="$(id -un)" 2>/dev/null || true
  for pid in slurmd.pid slurmctld.pid munge/pid; do
    if [ -f "$folder/$pid" ]; then kill "$(cat "$folder/$pid")" 2>/dev/null || true; fi
  done
  ;;
esac
