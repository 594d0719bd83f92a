# Sourced by the other scripts: goes to the project's root, runs named steps and sums them up.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export PATH="$PWD/bin/tools:$PATH"

failed=0
summary=""

# step NAME COMMAND... runs the command; whatever its outcome, the next step runs too.
# Exit status 77 says that the step could not be checked on this machine.
step() {
	local name=$1 start=$SECONDS verdict=ok status=0
	shift
	printf '\n== %s\n' "$name"
	"$@" || status=$?
	case $status in
	0) ;;
	77) verdict="NOT CHECKED" ;;
	*) verdict=FAILED failed=1 ;;
	esac
	summary+=$(printf '%-12s %4d s  %s' "$verdict" $((SECONDS - start)) "$name")$'\n'
}

# finish prints the verdict on every step and exits.
finish() {
	printf '\n%s' "$summary"
	exit $failed
}

# modules lists the folders with a Go module, the program's own first.
modules() {
	find . \( -name node_modules -o -name .git -o -path ./bin -o -path ./iamd-data \) -prune -o \
		-name go.mod -printf '%h\n' | sort
}

# each COMMAND... runs it in every module, and fails if it fails in one.
each() {
	local module status=0
	for module in $(modules); do
		printf -- '-- %s\n' "$module"
		(cd "$module" && "$@") || status=1
	done
	return $status
}
