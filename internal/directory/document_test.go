package directory

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/store"
)

func TestDocumentSize(t *testing.T) {
	for text, want := range map[Document]int{
		"":                                 0,
		" \t\r\n":                          0,
		"{ \"Sid\" :\r\n\t\"a b\" }":       12,
		"{\"Sid\":\"\u00fc\u00a0\u00ff\"}": 13,
	} {
		if got := text.Size(); got != want {
			t.Errorf("size of %q: %d, want %d", text, got, want)
		}
	}
}

// The longest document that IAM takes fits into a record, and comes back as it was.
func TestDocumentsAreStored(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	long := make([]rune, 131072)
	for i := range long {
		long[i] = rune(" \t\r\n"[random.IntN(4)])
	}
	for range 10240 {
		long[random.IntN(len(long))] = 0xa1 + random.Int32N(0xff-0xa1)
	}
	f := fill(t)
	for _, text := range []string{
		"",
		plainPolicy,
		strings.Repeat(" ", longDocument-1),
		strings.Repeat(" ", longDocument),
		string(long),
	} {
		f.update(func(tx store.Tx) error {
			must(t, Users.PutInline(tx, f.ann, "p", Document(text)))
			p, err := f.ann.InlinePolicy(tx, "p")
			if err == nil && string(p.Text) != text {
				t.Errorf("a document of %d characters came back otherwise", utf8.RuneCountInString(text))
			}
			return err
		})
	}
}
