package template

import (
	"regexp"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// DynamicRef is a reference in a string to a value that is kept elsewhere. See
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html.
type DynamicRef struct {
	Text    string // as it stands, braces and all
	Service string // ssm, ssm-secure or secretsmanager
	Name    string // of the SSM parameter; name or ARN of the secret
	Version string // of the SSM parameter; "" for the latest

	// Of a secret; "" where the reference leaves one out.
	JSONKey, VersionStage, VersionID string
}

var dynamicRef = regexp.MustCompile(`\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]*)\}\}`)

// parseDynamicRef reads what dynamicRef matched. It is nil for what no service reads.
func parseDynamicRef(match []string) *DynamicRef {
	d := &DynamicRef{Text: match[0], Service: match[1]}
	if d.Service != "secretsmanager" {
		d.Name, d.Version, _ = strings.Cut(match[2], ":")
		if d.Name == "" || strings.Trim(d.Version, "0123456789") != "" || strings.HasSuffix(match[2], ":") {
			return nil
		}
		return d
	}
	rest := strings.Split(match[2], ":")
	idParts := 1
	if rest[0] == "arn" {
		idParts = 7 // arn:partition:secretsmanager:region:account:secret:name
	}
	if len(rest) < idParts || len(rest) > idParts+4 {
		return nil
	}
	d.Name = strings.Join(rest[:idParts], ":")
	options := append(rest[idParts:], "", "", "", "")
	if d.Name == "" || options[0] != "" && options[0] != "SecretString" || options[2] != "" && options[3] != "" {
		return nil
	}
	d.JSONKey, d.VersionStage, d.VersionID = options[1], options[2], options[3]
	return d
}

// DynamicReferences are the dynamic references in n's strings, in order. Those that no
// service can read are not among them: Substitute refuses them.
func DynamicReferences(n *tree.Node) []DynamicRef {
	var out []DynamicRef
	_ = eachText(n, func(n *tree.Node) error { // which never fails
		for _, m := range dynamicRef.FindAllStringSubmatch(n.Text, -1) {
			if d := parseDynamicRef(m); d != nil {
				out = append(out, *d)
			}
		}
		return nil
	})
	return out
}

// eachText calls do with every String in n, until it fails.
func eachText(n *tree.Node, do func(n *tree.Node) error) error {
	if n == nil {
		return nil
	}
	if n.Kind == tree.String {
		return do(n)
	}
	for _, item := range n.Items {
		if err := eachText(item, do); err != nil {
			return err
		}
	}
	for i := range n.Fields {
		if err := eachText(n.Fields[i].Value, do); err != nil {
			return err
		}
	}
	return nil
}

// checkDynamic holds the dynamic references that a template spells out against their quota.
func (t *Template) checkDynamic() error {
	count := 0
	return eachText(t.root, func(n *tree.Node) error {
		if count += strings.Count(n.Text, "{{resolve:"); count > maxDynamicRefs {
			return refuse(n, formatError+"Number of dynamic references, %d, is greater than maximum allowed, %d", count, maxDynamicRefs)
		}
		return nil
	})
}

// Substitute is n with value's answers in place of its dynamic references. An error is
// value's, or an *[Error] for a reference that says too little or too much.
func Substitute(n *tree.Node, value func(DynamicRef) (string, error)) (*tree.Node, error) {
	if n == nil {
		return nil, nil
	}
	out := *n
	switch n.Kind {
	case tree.String:
		var err error
		if out.Text, err = substitute(n, value); err != nil {
			return nil, err
		}
	case tree.List:
		out.Items = make([]*tree.Node, len(n.Items))
		for i, item := range n.Items {
			var err error
			if out.Items[i], err = Substitute(item, value); err != nil {
				return nil, err
			}
		}
	case tree.Map:
		out.Fields = make([]tree.Field, len(n.Fields))
		for i, f := range n.Fields {
			var err error
			if f.Value, err = Substitute(f.Value, value); err != nil {
				return nil, err
			}
			out.Fields[i] = f
		}
	}
	return &out, nil
}

func substitute(n *tree.Node, value func(DynamicRef) (string, error)) (string, error) {
	var s strings.Builder
	last := 0
	for _, at := range dynamicRef.FindAllStringSubmatchIndex(n.Text, -1) {
		match := []string{n.Text[at[0]:at[1]], n.Text[at[2]:at[3]], n.Text[at[4]:at[5]]}
		d := parseDynamicRef(match)
		if d == nil {
			return "", refuse(n, "Invalid dynamic reference: %s", match[0])
		}
		v, err := value(*d)
		if err != nil {
			return "", err
		}
		s.WriteString(n.Text[last:at[0]])
		s.WriteString(v)
		if last = at[1]; s.Len() > maxBytes {
			return "", refuse(n, functionError+"the dynamic references of a value make more than %d bytes.", maxBytes)
		}
	}
	s.WriteString(n.Text[last:])
	return s.String(), nil
}
