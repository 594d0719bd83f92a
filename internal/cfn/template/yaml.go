package template

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
	"go.yaml.in/yaml/v3"
)

// readYAML reads YAML as AWS does: version 1.1 with the short forms of functions as tags,
// without aliases and merge keys. See
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html.
func readYAML(text string) (*tree.Node, error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return &tree.Node{Kind: tree.Null, Line: 1, Column: 1}, nil
	} else if err != nil {
		return nil, notYAML(err)
	}
	switch err := d.Decode(new(yaml.Node)); {
	case err == nil:
		return nil, refuse(nil, formatError+"YAML not well-formed. A template is a single document.")
	case !errors.Is(err, io.EOF):
		return nil, notYAML(err)
	}
	return (&yamlReader{}).value(doc.Content[0], 0)
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// notYAML is AWS's error, with the line that the reader names.
func notYAML(err error) *Error {
	e := &Error{Message: formatError + "YAML not well-formed."}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1]) // digits
		e.Column = 1
	}
	return e
}

func place(line, column int) string { return fmt.Sprintf("(line %d, column %d)", line, column) }

type yamlReader struct{ size size }

func (r *yamlReader) value(y *yaml.Node, depth int) (*tree.Node, error) {
	n := &tree.Node{Line: y.Line, Column: y.Column}
	err := r.size.add(n, depth)
	if err != nil {
		return nil, err
	}
	switch y.Kind {
	case yaml.MappingNode:
		err = r.mapping(n, y, depth)
	case yaml.SequenceNode:
		n.Kind = tree.List
		for _, item := range y.Content {
			var v *tree.Node
			if v, err = r.value(item, depth+1); err != nil {
				break
			}
			n.Items = append(n.Items, v)
		}
	case yaml.ScalarNode:
		scalar(n, y)
	default:
		err = refuse(n, functionError+"YAML aliases are not allowed in CloudFormation templates.")
	}
	if err != nil {
		return nil, err
	}
	return tagged(n, y)
}

func (r *yamlReader) mapping(n *tree.Node, y *yaml.Node, depth int) error {
	n.Kind = tree.Map
	seen := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		f := tree.Field{Key: key.Value, Line: key.Line, Column: key.Column}
		if key.Kind != yaml.ScalarNode || isShort(key.Tag) {
			return refuseKey(&f, formatError+"[%s] map keys must be strings", place(key.Line, key.Column))
		}
		var err error
		if f.Value, err = r.value(y.Content[i+1], depth+1); err != nil {
			return err
		}
		put(n, seen, f)
	}
	return nil
}

// scalar reads a plain scalar as YAML 1.1 has it, except that a number is only what is one
// in JSON as well: dates, versions and account ids with a leading zero stay what they say.
func scalar(n *tree.Node, y *yaml.Node) {
	n.Kind, n.Text = tree.String, y.Value
	if y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 ||
		y.Tag == "!!str" && y.Style&yaml.TaggedStyle != 0 || isShort(y.Tag) {
		return
	}
	if word, ok := plainWords[y.Value]; ok {
		n.Kind, n.Text = word.Kind, word.Text
	} else if isNumber(y.Value) {
		n.Kind = tree.Number
	}
}

// plainWords are what YAML 1.1 means by words without quotes.
var plainWords = func() map[string]tree.Node {
	words := map[string]tree.Node{}
	for means, list := range map[string]string{
		"true":  "true True TRUE yes Yes YES on On ON",
		"false": "false False FALSE no No NO off Off OFF",
	} {
		for w := range strings.FieldsSeq(list) {
			words[w] = tree.Node{Kind: tree.Bool, Text: means}
		}
	}
	for _, w := range []string{"", "~", "null", "Null", "NULL"} {
		words[w] = tree.Node{Kind: tree.Null}
	}
	return words
}()

// isShort reports whether a tag is a function's short form, and not one of YAML's own.
func isShort(tag string) bool {
	return strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") && tag != "!"
}

// tagged turns the short form of a function into its long one: !Ref, !Condition, and
// !Name for Fn::Name.
func tagged(n *tree.Node, y *yaml.Node) (*tree.Node, error) {
	switch y.Tag {
	case "!!binary", "!!omap", "!!pairs", "!!set", "!!timestamp":
		if y.Style&yaml.TaggedStyle != 0 {
			return nil, refuse(n, formatError+"YAML not well-formed. The tag %s is not supported.", y.Tag)
		}
	}
	if !isShort(y.Tag) {
		return n, nil
	}
	name := y.Tag[1:]
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	if name == fnGetAtt && n.Kind == tree.String {
		n = splitAttr(n)
	}
	return call(name, n, y.Line, y.Column), nil
}

// call is a function with its argument.
func call(name string, arg *tree.Node, line, column int) *tree.Node {
	return &tree.Node{
		Kind: tree.Map, Line: line, Column: column,
		Fields: []tree.Field{{Key: name, Value: arg, Line: line, Column: column}},
	}
}

// splitAttr makes the list that Fn::GetAtt takes of "Resource.Attribute"; what has no dot
// stays as it is, to be refused.
func splitAttr(n *tree.Node) *tree.Node {
	id, attr, dotted := strings.Cut(n.Text, ".")
	if !dotted {
		return n
	}
	at := func(s string) *tree.Node {
		return &tree.Node{Kind: tree.String, Text: s, Line: n.Line, Column: n.Column}
	}
	return &tree.Node{
		Kind: tree.List, Items: []*tree.Node{at(id), at(attr)}, Line: n.Line, Column: n.Column,
	}
}
