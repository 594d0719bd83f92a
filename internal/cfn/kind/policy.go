package kind

import (
	"context"
	"slices"
)

type policyProperties struct {
	PolicyName     string
	PolicyDocument document
	bearers
}

// mostPolicyID is how long the ID of an AWS::IAM::Policy is, which nobody else sees.
const mostPolicyID = 24

var policy = Kind[policyProperties]{
	Type: "AWS::IAM::Policy",
	Check: func(_, want *policyProperties) error {
		if len(want.all()) == 0 {
			return Invalid("#: At least one of [Groups,Roles,Users] must be non-empty.")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *policyProperties) (Result, error) {
		id := r.Name(mostPolicyID)
		made := Result{Physical: id, Attrs: map[string]string{"Id": id}}
		for i, b := range want.all() {
			if _, err := api.Call(ctx, b.put(b.name, want.PolicyName, want.PolicyDocument.text)); err != nil {
				if i == 0 {
					return Result{}, err
				}
				return made, err
			}
		}
		return made, nil
	},
	// The new ones come first: nobody is without the policy in between.
	Update: func(ctx context.Context, api API, r Resource, was, want *policyProperties) (Result, error) {
		before, after := was.all(), want.all()
		renamed := was.PolicyName != want.PolicyName
		changed := renamed || was.PolicyDocument.text != want.PolicyDocument.text
		for _, b := range after {
			if !changed && slices.Contains(before, b) {
				continue
			}
			if _, err := api.Call(ctx, b.put(b.name, want.PolicyName, want.PolicyDocument.text)); err != nil {
				return Result{}, err
			}
		}
		if !renamed {
			before = missing(before, after)
		}
		return Result{Physical: r.Physical}, dropPolicy(ctx, api, before, was.PolicyName)
	},
	Delete: func(ctx context.Context, api API, r Resource, was *policyProperties) error {
		return dropPolicy(ctx, api, was.all(), was.PolicyName)
	},
	Read: func(ctx context.Context, api API, r Resource, was *policyProperties) (*policyProperties, Result, error) {
		is := &policyProperties{PolicyName: was.PolicyName, PolicyDocument: was.PolicyDocument}
		var failed error
		is.bearers = was.only(func(b bearer) bool {
			text, err := b.text(ctx, api, b.name, was.PolicyName)
			if err == nil && is.PolicyDocument == was.PolicyDocument { // the first that differs is told of
				is.PolicyDocument = was.PolicyDocument.now(text)
			}
			if err != nil && !isCode(err, "NoSuchEntity") && failed == nil {
				failed = err
			}
			return err == nil
		})
		if failed != nil || len(is.all()) == 0 {
			return nil, Result{}, failed
		}
		return is, Result{Physical: r.Physical, Attrs: map[string]string{"Id": r.Physical}}, nil
	},
}

func dropPolicy(ctx context.Context, api API, from []bearer, name string) error {
	for _, b := range from {
		if _, err := api.Call(ctx, b.drop(b.name, name)); absent(err) != nil {
			return err
		}
	}
	return nil
}
