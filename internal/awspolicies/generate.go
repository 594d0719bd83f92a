//go:build ignore

// Generate writes index.json.gz and texts.gz from a file that maps the name of each
// of AWS's managed policies to what GetPolicy and GetPolicyVersion say of it.
//
//	go run generate.go FILE
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recorded is a policy as the file has it.
type recorded struct {
	Path, DefaultVersionId string
	CreateDate, UpdateDate time.Time
	Document               map[string]json.RawMessage
}

// listed is awspolicies.Policy.
type listed struct {
	Name, Path       string
	Version          int
	Created, Updated time.Time
	Start, End       int
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	must(err)
	var policies map[string]recorded
	must(json.Unmarshal(raw, &policies))
	var index []listed
	for name, p := range policies {
		version, err := strconv.Atoi(strings.TrimPrefix(p.DefaultVersionId, "v"))
		must(err)
		index = append(index, listed{Name: name, Path: p.Path, Version: version, Created: p.CreateDate.UTC(), Updated: p.UpdateDate.UTC()})
	}
	slices.SortFunc(index, func(a, b listed) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	var texts bytes.Buffer
	for i := range index {
		index[i].Start = texts.Len()
		texts.Write(document(policies[index[i].Name].Document))
		index[i].End = texts.Len()
	}
	plain, err := json.Marshal(index)
	must(err)
	pack("index.json.gz", plain)
	pack("texts.gz", texts.Bytes())
}

// document writes the elements in the order in which people write them.
func document(d map[string]json.RawMessage) []byte {
	var statements []map[string]json.RawMessage
	if json.Unmarshal(d["Statement"], &statements) != nil {
		var one map[string]json.RawMessage
		must(json.Unmarshal(d["Statement"], &one))
		statements = []map[string]json.RawMessage{one}
	}
	var written [][]byte
	for _, s := range statements {
		written = append(written, object(s, "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"))
	}
	d["Statement"] = slices.Concat([]byte("["), bytes.Join(written, []byte(",")), []byte("]"))
	return object(d, "Version", "Id", "Statement")
}

// object writes the members of this name and order, and there must be no others.
func object(m map[string]json.RawMessage, names ...string) []byte {
	var buf bytes.Buffer
	for _, name := range names {
		if value, ok := m[name]; ok {
			buf.WriteString(`,"` + name + `":`)
			must(json.Compact(&buf, value))
			delete(m, name)
		}
	}
	if len(m) > 0 {
		log.Fatalf("members %v have no place in %v", m, names)
	}
	return slices.Concat([]byte("{"), buf.Bytes()[1:], []byte("}"))
}

func pack(file string, plain []byte) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	must(err)
	_, err = w.Write(plain)
	must(err)
	must(w.Close())
	must(os.WriteFile(file, buf.Bytes(), 0o644))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
