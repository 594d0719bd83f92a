package test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// secrecy is what requests and replies had in members that the models call sensitive,
// and so no file of the server may have.
type secrecy struct {
	mu    sync.Mutex
	heard map[string]string // names by values
	known map[string]bool   // members that were heard, as service:operation.Member
}

// leastSecret is the shortest value that no file has by chance.
const leastSecret = 12

// unheard are the sensitive members that no story has a secret in, and why.
var unheard = map[string]string{
	"sts:GetDelegatedAccessToken.TradeInToken":   "is the ID of a delegation request, which is no secret here",
	"iam:ListVirtualMFADevices.Base32StringSeed": "is in the reply that makes a device only",
	"iam:ListVirtualMFADevices.QRCodePNG":        "is in the reply that makes a device only",
}

// hear takes down the secrets of one call. Its reply is nil if it failed.
func (s *secrecy) hear(o operation, in, out reflect.Value) {
	if p, ok := in.Interface().(*ssm.PutParameterInput); ok && p.Type != types.ParameterTypeSecureString {
		return // an open value
	}
	modelled := operations()[o]
	s.walk(o, reflect.TypeOf(modelled.Input()), in)
	if modelled.Output != nil && o.service != "ssm" { // what parameters have is known from their making
		s.walk(o, reflect.TypeOf(modelled.Output()), out)
	}
}

// walk goes through a value of the SDK along the type that its model has here.
func (s *secrecy) walk(o operation, typ reflect.Type, v reflect.Value) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
	case typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8:
		for i := range v.Len() {
			s.walk(o, typ.Elem(), v.Index(i))
		}
	case typ.Kind() == reflect.Struct && v.Kind() == reflect.Struct:
		for f := range typ.Fields() {
			name, sensitive := memberOf(f)
			member := v.FieldByName(name)
			if !sensitive && member.IsValid() {
				s.walk(o, f.Type, member)
			} else if member.IsValid() {
				s.add(o, name, reflect.Indirect(member))
			}
		}
	}
}

// memberOf is a member's name, and whether it is never to be written down. SessionToken
// is not in the models' list.
func memberOf(f reflect.StructField) (name string, sensitive bool) {
	words := strings.Split(f.Tag.Get("aws"), ",")
	return words[0], slices.Contains(words, "sensitive") || words[0] == "SessionToken"
}

func (s *secrecy) add(o operation, member string, v reflect.Value) {
	text := ""
	if v.Kind() == reflect.String {
		text = v.String()
	} else if v.Kind() == reflect.Slice {
		text = string(v.Bytes())
	}
	name := o.service + ":" + o.name + "." + member
	if text = telling(text); len(text) < leastSecret || unheard[name] != "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard[text] = name
	s.known[name] = true
}

// telling is a part of a value that stays as it is wherever it is written: of the longest
// line, the middle.
func telling(text string) string {
	const enough = 48
	lines := strings.FieldsFunc(text, func(r rune) bool { return r < ' ' })
	if len(lines) == 0 {
		return ""
	}
	line := slices.MaxFunc(lines, func(a, b string) int { return len(a) - len(b) })
	at := max(0, len(line)-enough) / 2
	return line[at:min(len(line), at+enough)]
}

// check ends the server as a crash would, with records in its spool, and looks for all
// that was heard in all that it leaves behind.
func (s *secrecy) check(t *testing.T, from *server) {
	t.Helper()
	from.kill(t)
	if err := os.Remove(filepath.Join(from.data, "control.sock")); err != nil { // is no file
		t.Fatal(err)
	}
	texts := places{"standard output": from.stdout.String(), "standard error": from.stderr.String()}
	texts.addFiles(t, "", from.data)
	texts.addRecords(t, filepath.Join(from.data, "store"))
	secrets := map[string]string{}
	for value, name := range s.heard {
		secrets[fmt.Sprintf("%s %q", name, value[:4])] = value
	}
	texts.search(t, secrets, nil)
	// The search finds what is no secret: a value of a parameter in the store, a name in
	// the trail.
	for _, planted := range []struct{ value, place string }{
		{openValue, "store"}, {openValue, "the store's records"}, {"story-of-account", "audit"},
	} {
		found := false
		for place, text := range texts {
			top, _, _ := strings.Cut(place, "/")
			found = found || top == planted.place && find(text, planted.value) != ""
		}
		if !found {
			t.Errorf("%q is not in %s: can this test find it?", planted.value, planted.place)
		}
	}
	s.checkAll(t)
}

// checkAll demands that the stories had something in each sensitive member.
func (s *secrecy) checkAll(t *testing.T) {
	t.Helper()
	for o, m := range operations() {
		ends := []any{m.Input()}
		if m.Output != nil && o.service != "ssm" {
			ends = append(ends, m.Output())
		}
		for _, end := range ends {
			for _, member := range sensitiveIn(reflect.TypeOf(end), map[reflect.Type]bool{}) {
				if name := o.service + ":" + o.name + "." + member; m.built && !s.known[name] && unheard[name] == "" {
					t.Errorf("no story had anything long in %s", name)
				}
			}
		}
	}
	t.Logf("%d secrets of %d members", len(s.heard), len(s.known))
}

// sensitiveIn are the sensitive members of a type, and of what it holds.
func sensitiveIn(typ reflect.Type, seen map[reflect.Type]bool) (members []string) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return nil
	}
	seen[typ] = true
	for f := range typ.Fields() {
		if name, sensitive := memberOf(f); sensitive {
			members = append(members, name)
		} else {
			members = append(members, sensitiveIn(f.Type, seen)...)
		}
	}
	return members
}
