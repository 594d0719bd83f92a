package client

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes"
)

const (
	// MaxFile is the most that a file:// argument may hold, in bytes.
	MaxFile = 1 << 20
	// MaxContent is the same for the body of a request that is what the file holds.
	MaxContent = 32 << 20
)

// InputFlag is the flag that takes a whole request as JSON, as in the AWS CLI.
const InputFlag = "cli-input-json"

// Arguments reads an operation's parameters as the AWS CLI takes them (--user-name Bob,
// --tags Key=a,Value=b, --policy-document file://p.json) into a tree for Input. Unknown
// flags are refused, and so is a secret that stands in the arguments itself: others on
// the machine can see those.
func Arguments(op *shapes.Operation, words []string) (map[string]any, error) {
	a := arguments{
		root: reflect.TypeOf(op.Input()).Elem(), name: Kebab(op.Name),
		plain: map[string]any{}, filed: map[string]any{},
	}
	for len(words) > 0 {
		var err error
		if words, err = a.flag(words); err != nil {
			return nil, err
		}
	}
	for _, tree := range []map[string]any{a.whole, a.plain} {
		if name := secretIn(a.root, tree); name != "" {
			return nil, fmt.Errorf("%s is a secret, which others can see in a command line: give it as file://PATH, or file:///dev/stdin", name)
		}
	}
	tree := map[string]any{}
	for _, part := range []map[string]any{a.whole, a.wholeFiled, a.plain, a.filed} { // flags win over a whole input
		maps.Copy(tree, part)
	}
	return tree, nil
}

// arguments are what was read so far.
type arguments struct {
	root reflect.Type // of the request
	name string       // of the operation, for messages

	// Values by where they stood: the arguments themselves, or files.
	plain, filed      map[string]any
	whole, wholeFiled map[string]any // of a whole input
}

// flag reads the flag that words begin with, and returns the words behind it.
func (a *arguments) flag(words []string) ([]string, error) {
	name, inline, has := strings.Cut(strings.TrimPrefix(words[0], "--"), "=")
	if !strings.HasPrefix(words[0], "--") || name == "" {
		return nil, fmt.Errorf("unexpected argument %q: parameters are given as --name value", words[0])
	}
	words = words[1:]
	if name == InputFlag {
		values, rest := operands(words, inline, has, false)
		return rest, a.input(values)
	}
	m, off, err := a.member(name)
	if err != nil {
		return nil, err
	}
	if a.plain[m.Name] != nil || a.filed[m.Name] != nil {
		return nil, fmt.Errorf("--%s is given twice", name)
	}
	if KindOf(m.Type) == Boolean {
		if has {
			return nil, fmt.Errorf("--%s takes no value; there is --no-%s, too", name, name)
		}
		a.plain[m.Name] = !off
		return words, nil
	}
	kind := KindOf(m.Type)
	values, rest := operands(words, inline, has, kind == List)
	if len(values) == 0 && kind != List {
		return nil, fmt.Errorf("--%s takes a value: %s", name, kind.article())
	}
	if err := a.set(m, values); err != nil {
		return nil, fmt.Errorf("--%s: %w", name, err)
	}
	return rest, nil
}

// operands takes a flag's values from the words behind it.
func operands(words []string, inline string, has, many bool) (values, rest []string) {
	if has {
		return []string{inline}, words
	}
	n := 0
	for n < len(words) && !strings.HasPrefix(words[n], "--") && (many || n == 0) {
		n++
	}
	return words[:n], words[n:]
}

// member finds what a flag stands for; off if it says "no".
func (a *arguments) member(flag string) (m Member, off bool, err error) {
	for _, m := range membersOf(a.root) {
		switch name := Kebab(m.Name); {
		case name == flag:
			return m, false, nil
		case "no-"+name == flag && KindOf(m.Type) == Boolean:
			return m, true, nil
		}
	}
	return Member{}, false, fmt.Errorf("%s has no parameter --%s", a.name, flag)
}

func (a *arguments) input(values []string) error {
	if len(values) != 1 {
		return fmt.Errorf("--%s takes JSON, or file://PATH", InputFlag)
	}
	text, from, err := contents(values[0], MaxFile)
	if err != nil {
		return fmt.Errorf("--%s: %w", InputFlag, err)
	}
	tree, err := object(text)
	if err != nil {
		return fmt.Errorf("--%s: %w", InputFlag, err)
	}
	if a.whole != nil || a.wholeFiled != nil {
		return fmt.Errorf("--%s is given twice", InputFlag)
	}
	if from != "" {
		a.wholeFiled = tree
	} else {
		a.whole = tree
	}
	return nil
}

// set notes a member's value, by where it stood.
func (a *arguments) set(m Member, values []string) error {
	if KindOf(m.Type) != List {
		value, filed, err := word(m.Type, m.Sensitive, values[0])
		if err != nil {
			return err
		}
		a.note(m.Name, value, filed)
		return nil
	}
	list, filed := []any{}, false
	for _, v := range values {
		text, from, err := contents(v, MaxFile)
		if err != nil {
			return err
		}
		filed = filed || from != ""
		if len(values) == 1 && strings.HasPrefix(strings.TrimSpace(text), "[") {
			err = decode(text, &list)
		} else {
			var value any
			value, err = valueOf(m.Type.Elem(), m.Sensitive, text, from)
			list = append(list, value)
		}
		if err != nil {
			return err
		}
	}
	a.note(m.Name, list, filed)
	return nil
}

func (a *arguments) note(name string, value any, filed bool) {
	if filed {
		a.filed[name] = value
	} else {
		a.plain[name] = value
	}
}

// word reads one word as a value of type t, and says whether it was in a file.
func word(t reflect.Type, sensitive bool, text string) (value any, filed bool, err error) {
	most := MaxFile
	if KindOf(t) == Content {
		most = MaxContent
	}
	text, from, err := contents(text, most)
	if err != nil {
		return nil, false, err
	}
	value, err = valueOf(t, sensitive, text, from)
	return value, from != "", err
}

func valueOf(t reflect.Type, sensitive bool, text, from string) (any, error) {
	kind := KindOf(t)
	switch trimmed := strings.TrimSpace(text); {
	case (kind == Structure || kind == Map) && strings.HasPrefix(trimmed, "{"):
		return object(text)
	case kind == Structure || kind == Map:
		return shorthand(trimmed)
	case kind == Content:
		return text, nil
	case from == "fileb" && kind != Blob:
		return nil, fmt.Errorf("fileb:// is for a blob, and this is %s", kind.article())
	case from == "fileb":
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	case from != "" && (sensitive || kind != String):
		return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), nil // which editors leave
	}
	return text, nil
}

// contents is text itself, or what is in the file that file:// or fileb:// names.
func contents(text string, most int) (_ string, from string, err error) {
	from, path, ok := strings.Cut(text, "://")
	if !ok || from != "file" && from != "fileb" {
		return text, "", nil
	}
	b, err := readFile(path, most)
	return string(b), from, err
}

// ReadFile reads a file of at most MaxFile bytes.
func ReadFile(path string) ([]byte, error) { return readFile(path, MaxFile) }

func readFile(path string, most int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return b, err
}

func object(text string) (map[string]any, error) {
	tree := map[string]any{}
	return tree, decode(text, &tree)
}

// decode reads JSON, and never says of a mistake what is there: it may be a secret.
func decode(text string, into any) error {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	err := d.Decode(into)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = errors.New("more behind the value")
		}
	}
	if err != nil {
		return errors.New("this is no JSON of the right kind")
	}
	return nil
}

// secretIn names a sensitive member that has a value in a tree; "" if there is none.
func secretIn(t reflect.Type, value any) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := value.(type) {
	case []any:
		if KindOf(t) == List {
			for _, v := range value {
				if name := secretIn(t.Elem(), v); name != "" {
					return name
				}
			}
		}
	case map[string]any:
		if KindOf(t) != Structure {
			return ""
		}
		for _, m := range membersOf(t) {
			v, ok := value[m.Name]
			if ok && m.Sensitive && v != nil {
				return "--" + Kebab(m.Name)
			}
			if name := secretIn(m.Type, v); ok && name != "" {
				return name
			}
		}
	}
	return ""
}
