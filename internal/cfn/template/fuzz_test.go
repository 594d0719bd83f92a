package template

import (
	"errors"
	"testing"
)

// FuzzTemplate takes any text through all there is. Whatever it is, it ends, its result is
// bounded, and an error is one that a caller can be shown.
func FuzzTemplate(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	for _, tt := range functions {
		f.Add(property(tt.value))
	}
	for _, tt := range functionsRefused {
		f.Add(property(tt.value))
	}
	f.Fuzz(func(t *testing.T, text string) {
		tm, err := Parse(text)
		var b *Bound
		if err == nil {
			in := filled(tm)
			if tm, err = tm.Expand(Expansion{Inputs: in, Include: func(string) (string, error) { return "A: {Type: T}", nil }}); err == nil {
				b, err = tm.Bind(in)
			}
		}
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("not an *Error: %v", err)
			}
			return
		}
		if _, err := ParseProcessed(tm.Text()); err != nil {
			t.Fatalf("%v in the processed template\n%s", err, tm.Text())
		}
		for _, r := range b.Resources() {
			b.Dependencies(r)
			for _, l := range []Lookup{world{}, made{}} {
				v, err := b.Resolve(r.Properties, l)
				if err != nil {
					if _, ok := errors.AsType[*Error](err); !ok {
						t.Fatalf("not an *Error: %v", err)
					}
					continue
				}
				if n := len(v.JSON()); n > 16*(maxBytes+MaxLen) {
					t.Fatalf("%s has %d bytes", r.LogicalID, n)
				}
				DynamicReferences(v)
				_, _ = b.Masked().Resolve(r.Metadata, l)
			}
		}
	})
}
