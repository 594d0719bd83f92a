// Package awspolicies has the managed policies that AWS makes and every account
// sees: arn:aws:iam::aws:policy/….
//
// They are in the program, compressed, and cost nothing before they are first
// asked for. What is listed and what the policies say are two files, since most
// servers need the texts of few, and some need none. Both are written by
//
//	go run generate.go aws-managed-policies.json
//
// from a record of what AWS said in April 2026.
package awspolicies

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Policy is one of AWS's managed policies, in the only version that is known.
type Policy struct {
	Name, Path string
	Version    int // 3 stands for "v3", the default
	Created    time.Time
	Updated    time.Time
	Start, End int // where its text is among all texts
}

//go:embed index.json.gz
var packedIndex []byte

//go:embed texts.gz
var packedTexts []byte

// All returns the policies in the order of their names, ignoring case. It always
// returns the same slice, which nobody may change.
var All = sync.OnceValue(func() []Policy {
	var all []Policy
	if err := json.Unmarshal([]byte(unpack(packedIndex)), &all); err != nil {
		panic(fmt.Sprintf("awspolicies: index: %v", err)) // the program is broken: a test reads it
	}
	return all
})

// texts is what all policies say, one text behind the other.
var texts = sync.OnceValue(func() string { return unpack(packedTexts) })

// Document is what the policy says. All documents share one piece of memory.
func (p *Policy) Document() string { return texts()[p.Start:p.End] }

func unpack(packed []byte) string {
	var text strings.Builder
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		_, err = io.Copy(&text, r)
	}
	if err != nil {
		panic(fmt.Sprintf("awspolicies: %v", err))
	}
	return text.String()
}
