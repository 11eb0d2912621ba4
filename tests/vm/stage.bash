# For v2.sh, hosts.sh and arm64.sh: as root, from the top of the tree, with a directory $stage that goes at the end; the programs are
# those of $B, else of the directory $1.
cd "$(dirname "$0")/../.." || exit 1
B=${B:-$1}

if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null && exec sudo -n env B="$B" CI="${CI:-}" HOSTS="${HOSTS:-}" "$0"
    echo "1..0 # SKIP needs root"
    exit 0
fi

stage=$(mktemp -d -t runbox-vm-stage.XXXXXX) || exit 1
trap 'rm -rf "$stage"' EXIT
trap 'exit 143' TERM
chmod 755 "$stage"
