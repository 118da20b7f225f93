#!/bin/sh
# Runs an engine as the first process of a process and a mount namespace that its caller made:
# dockerd.sh PROGRAM ARGUMENTS... When it ends, the kernel ends all that it started and drops all that was mounted.
set -eu

mount --make-rprivate /
mount -t proc proc /proc
# What a killed engine leaves behind here, sockets and process ids, would be in the way of the next.
mkdir -p /run/containerd
mount -t tmpfs -o mode=0711 tmpfs /run/containerd

# Where nothing has mounted the control groups, as in some virtual machines, the engine does not start.
if ! grep -q ' /sys/fs/cgroup' /proc/self/mounts; then
  if grep -q cgroup2 /proc/filesystems && ! awk '!/^#/ && $2 != 0 { found = 1 } END { exit !found }' /proc/cgroups; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  else
    mount -t tmpfs -o mode=0755 tmpfs /sys/fs/cgroup
    for group in $(awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups); do
      mkdir -p "/sys/fs/cgroup/$group"
      mount -t cgroup -o "$group" cgroup "/sys/fs/cgroup/$group" || rmdir "/sys/fs/cgroup/$group"
    done
  fi
fi

# The first process of a namespace has to reap what others leave: docker-init does.
exec docker-init -- "$@" --exec-root=/run/containerd/engine --pidfile=/run/containerd/engine.pid
