package audit

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/shapes/iam"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted\"`, "two\nlines\r\n", "\x00\x1b[31m\x7f", "\xff\xc3", "é\u2028\u0085\u202e", "𝄞\U000e0001", strings.Repeat("ab\"", 50)} {
		f.Add(s, 40)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		encoded, err := json.Marshal(s) // replaces what is invalid as we do
		if err != nil {
			t.Fatal(err)
		}
		var want, got string
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}

		b, whole := appendString(nil, s, 6*len(s))
		check(t, b)
		if err := json.Unmarshal(b, &got); err != nil || got != want || !whole {
			t.Errorf("%q: got %s (%v), want %q", s, b, err, want)
		}

		limit = min(max(limit, 0), len(b))
		short, whole := appendString(nil, s, limit)
		check(t, short)
		if err := json.Unmarshal(short, &got); err != nil || !strings.HasPrefix(want, got) {
			t.Errorf("%q cut at %d: got %s (%v)", s, limit, short, err)
		}
		if len(short) > limit+2 || whole != (got == want) {
			t.Errorf("%q cut at %d: %d bytes, whole %t", s, limit, len(short), whole)
		}
	})
}

// check says that b is one line of valid UTF-8 that a terminal only shows.
func check(t *testing.T, b []byte) {
	t.Helper()
	if !utf8.Valid(b) {
		t.Errorf("%q is not UTF-8", b)
	}
	if strings.ContainsFunc(string(b), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x202e }) {
		t.Errorf("%q holds a control character", b)
	}
}

// FuzzRecord reads back what a caller can put into a record.
func FuzzRecord(f *testing.F) {
	f.Add("GetUser", "aws-cli", "Bob", "k", "v")
	f.Add(`","eventID":"forged`, "\n{}\n", "\xff", "\u2029", "\x1b]0;\a")
	f.Fuzz(func(t *testing.T, name, agent, user, key, value string) {
		r := with(func(r *Record) {
			r.Name, r.UserAgent = name, agent
			r.Request = &iam.CreateUserRequest{UserName: user, Tags: []iam.Tag{{Key: key, Value: value}}}
		})
		line := r.AppendJSON(nil)
		check(t, line)
		var got struct {
			EventName, UserAgent, EventID string
			RequestParameters             struct {
				UserName string
				Tags     []struct{ Key, Value string }
			}
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		tag := got.RequestParameters.Tags[0]
		for _, c := range [][2]string{
			{got.EventName, name}, {got.UserAgent, agent}, {got.RequestParameters.UserName, user}, {tag.Key, key}, {tag.Value, value},
		} {
			if want := strings.ToValidUTF8(c[1], ""); len(c[1]) < 80 && strings.ReplaceAll(c[0], "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
				t.Errorf("got %q, want %q", c[0], want)
			}
		}
		if got.EventID != r.EventID || eventID(append(line, '\n')) != r.EventID {
			t.Errorf("event ID %q, found %q", got.EventID, eventID(append(line, '\n')))
		}
	})
}
