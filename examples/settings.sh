# Where Atlas listens, whom it trusts, and a key: read from the home of a running `atlas up`.
home=${ATLAS_HOME:-.atlas}
field() { tr -d ' \n' <"$1" | sed "s/.*\"$2\":\"\([^\"]*\)\".*/\1/"; }
key() { tr -d ' \n' <"$home/bootstrap.json" | sed "s/.*\"$1\":{\"key\":\"\([^\"]*\)\".*/\1/"; }
[ -f "$home/run.json" ] || { echo "nothing runs in $home; start it with ./atlas up" >&2; exit 3; }
gateway=$(field "$home/run.json" gateway)
ca=$home/tls/ca.pem
