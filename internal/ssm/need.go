package ssm

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

// need is a permission on a parameter, be it there or not.
func (ref reference) need(c *op.Call, action string) (op.Need, error) {
	n := op.Need{
		Action:   "ssm:" + action,
		Resource: directory.ParameterARN(ref.account, ref.region, ref.name),
		Owner:    ref.account,
	}
	p, err := ref.find(c)
	if p != nil {
		n.Tags = p.Tags
	}
	return n, err
}

// needOn is the needs of an operation on the parameter that text names.
func needOn(c *op.Call, action, text string) ([]op.Need, error) {
	ref, err := refer(c, text)
	if err != nil {
		return nil, err
	}
	n, err := ref.need(c, action)
	if err != nil || !ref.isSecret() {
		return []op.Need{n}, err
	}
	also, err := ref.needSecret(c)
	return []op.Need{n, also}, err
}

// needEach is the needs of an operation on several parameters.
func needEach(c *op.Call, action string, names []string) (needs []op.Need, err error) {
	for _, name := range names {
		n, err := needOn(c, action, name)
		if err != nil {
			return nil, err
		}
		needs = append(needs, n...)
	}
	return needs, nil
}

// tagsOf is the tags in a request, as records have them.
func tagsOf(in []shape.Tag) []directory.Tag {
	tags := make([]directory.Tag, len(in))
	for i, t := range in {
		tags[i] = directory.Tag{Key: t.Key, Value: t.Value}
	}
	return tags
}
