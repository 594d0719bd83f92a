package ssm

import (
	"context"
	"regexp"
	"slices"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
)

func labelOperations() []op.Operation {
	return []op.Operation{
		op.Write("LabelParameterVersion", needLabelParameterVersion, labelParameterVersion),
		op.Write("UnlabelParameterVersion", needUnlabelParameterVersion, unlabelParameterVersion),
	}
}

// labelsPerVersion is how many labels a version may have.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html
const labelsPerVersion = 10

var labelForm = regexp.MustCompile(`^[a-zA-Z_.-][a-zA-Z0-9_.-]*$`)

// isLabel reports whether a version can have that label.
func isLabel(s string) bool {
	return labelForm.MatchString(s) && !reserved("/"+s, "aws") && !reserved("/"+s, "ssm")
}

func needLabelParameterVersion(c *op.Call, in *shape.LabelParameterVersionRequest) ([]op.Need, error) {
	return needOn(c, "LabelParameterVersion", in.Name)
}

// labelParameterVersion puts labels on a version, and takes them off any other. Those
// that can be no labels are reported and do not matter to the others.
func labelParameterVersion(_ context.Context, c *op.Call, in *shape.LabelParameterVersionRequest) (*shape.LabelParameterVersionResult, error) {
	p, number, err := labelled(c, in.Name, in.ParameterVersion)
	if err != nil {
		return nil, err
	}
	was, err := p.Labels(c.Snap)
	if err != nil {
		return nil, err
	}
	out := &shape.LabelParameterVersionResult{InvalidLabels: []string{}, ParameterVersion: &number}
	labels := *was
	for _, label := range in.Labels {
		if !isLabel(label) {
			out.InvalidLabels = append(out.InvalidLabels, label)
			continue
		}
		if labels.Version(label) != number {
			labels.List = append(without(labels.List, label), directory.ParameterLabel{Label: label, Version: number})
		}
	}
	if len(labels.Of(number)) > labelsPerVersion {
		return nil, awserr.New(400, "ParameterVersionLabelLimitExceeded",
			"A parameter version can have maximum %d labels. Move one or more labels to another version and try again.", labelsPerVersion)
	}
	return out, p.PutLabels(c.Tx, &labels)
}

func needUnlabelParameterVersion(c *op.Call, in *shape.UnlabelParameterVersionRequest) ([]op.Need, error) {
	return needOn(c, "UnlabelParameterVersion", in.Name)
}

// unlabelParameterVersion takes labels off a version, and reports those that it does
// not have.
func unlabelParameterVersion(_ context.Context, c *op.Call, in *shape.UnlabelParameterVersionRequest) (*shape.UnlabelParameterVersionResult, error) {
	p, number, err := labelled(c, in.Name, &in.ParameterVersion)
	if err != nil {
		return nil, err
	}
	was, err := p.Labels(c.Snap)
	if err != nil {
		return nil, err
	}
	out := &shape.UnlabelParameterVersionResult{InvalidLabels: []string{}, RemovedLabels: []string{}}
	labels := *was
	for _, label := range in.Labels {
		if labels.Version(label) != number {
			out.InvalidLabels = append(out.InvalidLabels, label)
			continue
		}
		labels.List = without(labels.List, label)
		out.RemovedLabels = append(out.RemovedLabels, label)
	}
	return out, p.PutLabels(c.Tx, &labels)
}

// without is a copy of labels that lacks one.
func without(labels []directory.ParameterLabel, label string) []directory.ParameterLabel {
	return slices.DeleteFunc(slices.Clone(labels), func(l directory.ParameterLabel) bool { return l.Label == label })
}

// labelled is the parameter of that name and the version that labels are about, which
// is the newest if the request has none.
func labelled(c *op.Call, name string, version *int64) (*directory.Parameter, int64, error) {
	ref, err := referWhole(c, name)
	if err != nil {
		return nil, 0, err
	}
	p, err := ref.must(c)
	if err != nil {
		return nil, 0, err
	}
	number := p.Last
	if version != nil {
		number = *version
	}
	if number < p.First || number > p.Last {
		return nil, 0, versionNotFound(number, p.Name)
	}
	return p, number, nil
}
