package wire

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	maxDepth  = 64      // how far structures, lists and maps may stand in each other
	maxValues = 1 << 16 // how many values a JSON request may set: "{}," is short, the structure it makes is not
	maxAbsent = 100     // how many absent members are named
)

// A trail is the way from the request to the member being read. It is kept
// while decoding, but written out only when a required member is absent.
type trail struct {
	steps  []step
	absent []string
}

// A step is a structure's member, a list's element or a map's value.
type step struct {
	name string // of the member, or the map's key
	num  int    // of the list's element, from 1; 0 otherwise
	in   kind   // where the step is taken: kindStruct, kindList or kindMap
}

func (t *trail) push(s step) error {
	if len(t.steps) == maxDepth {
		return malformed(tooDeep)
	}
	t.steps = append(t.steps, s)
	return nil
}

func (t *trail) pop() { t.steps = t.steps[:len(t.steps)-1] }

// missing notes the required members of n that are not among seen.
func (t *trail) missing(n *node, seen uint64) {
	if bits.OnesCount64(seen) == len(n.need) {
		return
	}
	for _, i := range n.need {
		if f := &n.fields[i]; seen&f.bit == 0 && len(t.absent) < maxAbsent {
			t.absent = append(t.absent, t.path(f.path))
		}
	}
}

// forget drops what was absent below a member or map key that comes again.
func (t *trail) forget(name string) {
	if len(t.absent) == 0 {
		return
	}
	again := t.path(name) + "."
	t.absent = slices.DeleteFunc(t.absent, func(p string) bool { return strings.HasPrefix(p, again) })
}

// path writes the way to a member as AWS's validation messages do:
// "userName", "tags.1.member.key". A map's value is "map.<key>.member.x".
func (t *trail) path(member string) string {
	var b []byte
	for _, s := range t.steps {
		switch s.in {
		case kindList:
			b = append(strconv.AppendInt(b, int64(s.num), 10), ".member"...)
		case kindMap:
			b = append(append(b, s.name...), ".member"...)
		default:
			b = append(b, s.name...)
		}
		b = append(b, '.')
	}
	return string(append(b, member...))
}
