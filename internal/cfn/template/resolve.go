package template

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// Lookup says what resources are. A value that can't be told yet is Unknown.
type Lookup interface {
	Ref(logicalID string) (*tree.Node, error)
	Attr(logicalID, name string) (*tree.Node, error)
}

const (
	defaultValue = "DefaultValue"
	noCondition  = functionError + "unresolved condition dependency %s in Fn::If"
	tooMuch      = functionError + "the functions of the template make more than %d bytes."
	noMapping    = functionError + "Mapping named '%s' is not present in the 'Mappings' section of template."
)

// Resolve evaluates the functions in n. AWS::NoValue takes away the member or the item that
// it is; a result of nil means that it is all there was. What depends on an Unknown is
// Unknown. An error is an *[Error], or the Lookup's.
func (b *Bound) Resolve(n *tree.Node, l Lookup) (*tree.Node, error) {
	return (&evaluation{b: b, lookup: l}).value(n)
}

// An evaluation is one round of evaluating functions.
type evaluation struct {
	b      *Bound
	lookup Lookup // nil where there are no resources
	made   int    // bytes so far
}

// unknown is what can't be told yet.
var unknown = &tree.Node{Kind: tree.Unknown}

// use counts a value that is put where a function was: a short template can ask often for
// something long.
func (e *evaluation) use(v, at *tree.Node) (*tree.Node, error) {
	if e.made += weight(v); e.made > maxBytes {
		return nil, refuse(at, tooMuch, maxBytes)
	}
	return v, nil
}

// weight is about how many bytes a value takes.
func weight(n *tree.Node) int {
	if n == nil {
		return 0
	}
	w := nodeSize + len(n.Text)
	for _, item := range n.Items {
		w += weight(item)
	}
	for i := range n.Fields {
		w += len(n.Fields[i].Key) + weight(n.Fields[i].Value)
	}
	return w
}

// nodeSize is what a node counts as beside its text.
const nodeSize = 16

// text is a String that a function made, as long as it has not made too much.
func (e *evaluation) text(s string, at *tree.Node) (*tree.Node, error) {
	return e.use(tree.Text(s), at)
}

func (e *evaluation) value(n *tree.Node) (*tree.Node, error) {
	if n == nil {
		return nil, nil
	}
	if f, ok := function(n); ok {
		return e.call(f)
	}
	switch n.Kind {
	case tree.List:
		out := &tree.Node{Kind: tree.List, Line: n.Line, Column: n.Column}
		for _, item := range n.Items {
			v, err := e.value(item)
			if err != nil {
				return nil, err
			}
			if v != nil {
				out.Items = append(out.Items, v)
			}
		}
		return out, nil
	case tree.Map:
		out := &tree.Node{Kind: tree.Map, Line: n.Line, Column: n.Column}
		for _, f := range n.Fields {
			v, err := e.value(f.Value)
			if err != nil {
				return nil, err
			}
			if f.Value = v; v != nil {
				out.Fields = append(out.Fields, f)
			}
		}
		return out, nil
	}
	return n, nil
}

// call evaluates a function. Macros are evaluated before Parse's checks, so shapes are
// checked here as well.
func (e *evaluation) call(f *tree.Field) (*tree.Node, error) {
	switch f.Key {
	case fnRef:
		return e.ref(f.Value)
	case fnGetAtt:
		return e.getAtt(f.Value)
	case fnSub:
		return e.sub(f.Value)
	case fnIf:
		return e.branch(f.Value)
	case fnFindInMap:
		return e.findInMap(f.Value)
	}
	arg, err := e.value(f.Value)
	if err != nil {
		return nil, err
	}
	if arg.Is(tree.Unknown) {
		return unknown, nil
	}
	switch f.Key {
	case fnJoin:
		return e.join(arg, f.Value)
	case fnSplit:
		return e.split(arg, f.Value)
	case fnSelect:
		return selectItem(arg, f.Value)
	case fnBase64:
		if !arg.Scalar() {
			return nil, refuse(f.Value, wrongBase64)
		}
		return e.text(base64.StdEncoding.EncodeToString([]byte(arg.Text)), f.Value)
	case fnGetAZs:
		return e.zones(arg, f.Value)
	case fnImportValue:
		return e.importValue(arg, f.Value)
	case fnCidr:
		return cidr(arg, f.Value)
	case fnLength:
		if !arg.Is(tree.List) {
			return nil, refuse(f.Value, wrongLength)
		}
		return tree.Int(len(arg.Items)), nil
	case fnToJSONString:
		if !arg.Known() {
			return unknown, nil
		}
		return e.text(arg.JSON(), f.Value)
	}
	return nil, refuseKey(f, notThere, f.Key)
}

func (e *evaluation) ref(arg *tree.Node) (*tree.Node, error) {
	if !arg.Scalar() {
		return nil, refuse(arg, wrongRef)
	}
	p := &e.b.in.Pseudo
	switch arg.Text {
	case "AWS::NoValue":
		return nil, nil
	case "AWS::AccountId":
		return tree.Text(p.AccountID), nil
	case "AWS::Region":
		return tree.Text(p.Region), nil
	case "AWS::Partition":
		return tree.Text(p.Partition), nil
	case "AWS::URLSuffix":
		return tree.Text(p.URLSuffix), nil
	case "AWS::StackId":
		return tree.Text(p.StackID), nil
	case "AWS::StackName":
		return tree.Text(p.StackName), nil
	case "AWS::NotificationARNs":
		list := &tree.Node{Kind: tree.List}
		for _, a := range p.NotificationARNs {
			list.Items = append(list.Items, tree.Text(a))
		}
		return list, nil
	}
	if v, ok := e.b.values[arg.Text]; ok {
		return e.use(v, arg)
	}
	if e.lookup == nil {
		return nil, unresolved(arg, "Resources", []string{arg.Text})
	}
	v, err := e.lookup.Ref(arg.Text)
	if err != nil {
		return nil, err
	}
	return e.use(v, arg)
}

func (e *evaluation) getAtt(arg *tree.Node) (*tree.Node, error) {
	id, attribute, ok := attr(arg)
	if !ok {
		return nil, refuse(arg, wrongGetAtt)
	}
	if e.lookup == nil {
		return nil, unresolved(arg, "Resources", []string{id})
	}
	name, err := e.value(attribute)
	if err != nil {
		return nil, err
	}
	if name.Is(tree.Unknown) {
		return unknown, nil
	}
	if !name.Scalar() || name.Text == "" {
		return nil, refuse(arg, wrongGetAtt)
	}
	v, err := e.lookup.Attr(id, name.Text)
	if err != nil {
		return nil, err
	}
	return e.use(v, arg)
}

func (e *evaluation) branch(arg *tree.Node) (*tree.Node, error) {
	if !arg.Is(tree.List) || len(arg.Items) != 3 || !arg.Items[0].Scalar() {
		return nil, refuse(arg, wrongIf)
	}
	if name := arg.Items[0].Text; e.b.t.conditions[name] == nil {
		return nil, refuse(arg.Items[0], noCondition, name)
	}
	holds, err := e.named(arg.Items[0].Text)
	if err != nil {
		return nil, err
	}
	if holds {
		return e.value(arg.Items[1])
	}
	return e.value(arg.Items[2])
}

func (e *evaluation) sub(arg *tree.Node) (*tree.Node, error) {
	text, own, ok := sub(arg)
	if !ok {
		return nil, refuse(arg, wrongSub)
	}
	parts, err := pieces(text.Text, text)
	if err != nil {
		return nil, err
	}
	var s strings.Builder
	known := true
	values := map[string]*tree.Node{} // each evaluated once: those inside may be long
	for _, p := range parts {
		if !p.variable {
			s.WriteString(p.text)
			continue
		}
		v, done := values[p.text]
		if !done {
			if v, err = e.variable(p.text, own, text); err != nil {
				return nil, err
			}
			values[p.text] = v
		}
		switch {
		case v.Is(tree.Unknown):
			known = false
		case !v.Scalar():
			return nil, refuse(text, wrongSubMap)
		default:
			s.WriteString(v.Text)
		}
		if s.Len() > maxBytes {
			break // text says so
		}
	}
	if !known {
		return unknown, nil
	}
	return e.text(s.String(), text)
}

func (e *evaluation) variable(name string, own map[string]*tree.Node, at *tree.Node) (*tree.Node, error) {
	if v := own[name]; v != nil {
		return e.value(v)
	}
	id, attribute, dotted := strings.Cut(name, ".")
	if dotted {
		return e.getAtt(tree.ListOf(tree.Text(id), tree.Text(attribute)))
	}
	return e.ref(&tree.Node{Kind: tree.String, Text: name, Line: at.Line, Column: at.Column})
}

// findInMap looks into a mapping, or gives the DefaultValue where that has nothing.
func (e *evaluation) findInMap(arg *tree.Node) (*tree.Node, error) {
	if !arg.Is(tree.List) || len(arg.Items) < 3 {
		return nil, refuse(arg, wrongFind)
	}
	var keys [3]string
	for i, item := range arg.Items[:3] {
		v, err := e.value(item)
		if err != nil {
			return nil, err
		}
		if v.Is(tree.Unknown) {
			return unknown, nil
		}
		if !v.Scalar() {
			return nil, refuse(item, wrongFind)
		}
		keys[i] = v.Text
	}
	if v := e.b.t.mappings[keys[0]].Get(keys[1]).Get(keys[2]); v != nil {
		return e.use(v, arg)
	}
	if len(arg.Items) == 4 {
		return e.value(arg.Items[3].Get(defaultValue))
	}
	if e.b.t.mappings[keys[0]] == nil {
		return nil, refuse(arg, noMapping, keys[0])
	}
	return nil, refuse(arg, functionError+"Unable to get mapping for %s", strings.Join(keys[:], "::"))
}

func (e *evaluation) join(arg, at *tree.Node) (*tree.Node, error) {
	if !pair(arg) || !arg.Items[0].Scalar() {
		return nil, refuse(at, wrongJoin)
	}
	list := arg.Items[1]
	switch {
	case list.Is(tree.Unknown):
		return unknown, nil
	case !list.Is(tree.List):
		return nil, refuse(at, wrongJoin)
	}
	known, size := true, 0
	for _, item := range list.Items {
		switch {
		case item.Is(tree.Unknown):
			known = false
		case !item.Scalar():
			return nil, refuse(at, wrongJoin)
		}
		size += len(item.Text) + len(arg.Items[0].Text)
	}
	switch {
	case !known:
		return unknown, nil
	case size > maxBytes:
		return nil, refuse(at, tooMuch, maxBytes)
	}
	return e.text(strings.Join(texts(list.Items), arg.Items[0].Text), at)
}

func (e *evaluation) split(arg, at *tree.Node) (*tree.Node, error) {
	switch {
	case !pair(arg) || !arg.Items[0].Scalar() || arg.Items[0].Text == "":
		return nil, refuse(at, wrongSplit)
	case arg.Items[1].Is(tree.Unknown):
		return unknown, nil
	case !arg.Items[1].Scalar():
		return nil, refuse(at, wrongSplit)
	}
	list := &tree.Node{Kind: tree.List}
	for s := range strings.SplitSeq(arg.Items[1].Text, arg.Items[0].Text) {
		item, err := e.text(s, at)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, item)
	}
	return list, nil
}

func selectItem(arg, at *tree.Node) (*tree.Node, error) {
	if !pair(arg) {
		return nil, refuse(at, wrongSelect)
	}
	index, list := arg.Items[0], arg.Items[1]
	if index.Is(tree.Unknown) || list.Is(tree.Unknown) {
		return unknown, nil
	}
	i, err := strconv.Atoi(index.Text)
	switch {
	case !index.Scalar() || err != nil || !list.Is(tree.List):
		return nil, refuse(at, wrongSelect)
	case i < 0 || i >= len(list.Items):
		return nil, refuse(at, functionError+"Fn::Select cannot select nonexistent value at index %d", i)
	}
	return list.Items[i], nil
}

// zones are the zones of a region. iamd has no network: every region has three of the
// usual names.
func (e *evaluation) zones(arg, at *tree.Node) (*tree.Node, error) {
	if !arg.Scalar() {
		return nil, refuse(at, wrongGetAZs)
	}
	region := arg.Text
	if region == "" {
		region = e.b.in.Pseudo.Region
	}
	return tree.ListOf(tree.Text(region+"a"), tree.Text(region+"b"), tree.Text(region+"c")), nil
}

func (e *evaluation) importValue(arg, at *tree.Node) (*tree.Node, error) {
	if !arg.Scalar() {
		return nil, refuse(at, wrongImport)
	}
	if e.b.in.Import != nil {
		if v, ok := e.b.in.Import(arg.Text); ok {
			return e.text(v, at)
		}
	}
	return nil, refuse(at, "No export named %s found", arg.Text)
}
