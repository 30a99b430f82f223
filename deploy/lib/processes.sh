# What starts servers from a script, and ends all of them with it. Sourced by deploy/demo and deploy/replicas, after their
# `set -euo pipefail`. A script's first comment is its usage. What it names in run_dir and fresh_site is removed at its end.

name=${0##*/}
ready_timeout_s=60
stop_timeout_s=10

usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; }
say() { printf '==> %s\n' "$*"; }
die() { printf '%s: %s\n' "$name" "$*" >&2; exit 1; }

started=()      # leaders of process groups, the oldest first
run_dir=        # the sockets; short, since a socket's path is limited to 107 bytes
fresh_site=     # of a check

# Ends all groups, those in front first: asks, waits, then insists.
stop_all() {
  local deadline=$((SECONDS + stop_timeout_s)) i alive=1
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do kill -TERM -- "-${started[i]}" "${started[i]}" 2>/dev/null || true; done
  while ((alive && SECONDS < deadline)); do
    alive=0
    for i in "${started[@]}"; do kill -0 -- "-$i" 2>/dev/null && alive=1; done
    ((alive)) && sleep 0.1
  done
  for i in "${started[@]}"; do kill -KILL -- "-$i" 2>/dev/null || true; done
  started=()
}

clean_up() {
  local status=$?
  trap - EXIT
  trap 'exit 130' INT TERM HUP # a second one does not wait
  ((${#started[@]} == 0)) || stop_all
  [ -z "$run_dir" ] || rm -rf "$run_dir"
  [ -z "$fresh_site" ] || rm -rf "$fresh_site"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# A process group of its own, which also ends when this script is killed outright. The locks are not its business.
launch() {
  local log=$1
  shift
  setsid setpriv --pdeathsig TERM -- "$@" >>"$log" 2>&1 </dev/null 8>&- 9>&- &
  started+=($!)
}

# Of a group whose leader has ended: its number may soon be another's.
forget() { # PID
  local i
  for i in "${!started[@]}"; do
    [ "${started[i]}" != "$1" ] || unset "started[i]"
  done
  started=("${started[@]}")
}

# The same with this script's own output.
launch_beside() {
  setsid setpriv --pdeathsig TERM -- "$@" </dev/null 8>&- 9>&- &
  started+=($!)
}

# A long step that a signal can interrupt: bash would see it only when a command in the foreground has ended.
step() {
  launch_beside "$@"
  local pid=${started[-1]} status=0
  wait "$pid" || status=$?
  unset 'started[-1]'
  return "$status"
}

# --- Ports, and who listens on them ----------------------------------------------------------------------------------

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_ports() { # COUNT
  python3 -c '
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

# Asks until the answer is 200, unless what should answer has died.
wait_ready() { # NAME PID LOG CURL_ARGUMENT...
  local name=$1 pid=$2 log=$3 deadline=$((SECONDS + ready_timeout_s))
  shift 3
  until curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "$@"; do
    kill -0 "$pid" 2>/dev/null || { tail -n 20 "$log" >&2; die "$name did not start; its log is $log"; }
    ((SECONDS < deadline)) || { tail -n 20 "$log" >&2; die "$name is not ready after $ready_timeout_s s; its log is $log"; }
    sleep 0.1
  done
}
