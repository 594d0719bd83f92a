package kind

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

type stackProperties struct {
	TemplateURL      string
	Parameters       map[string]json.RawMessage
	NotificationARNs []string
	TimeoutInMinutes *int32
	Tags             []Tag
}

// A nested stack is made by the same operations as any other; the engine knows by the
// call that it is nested, and in which one.
var stack = Kind[stackProperties]{
	Type: "AWS::CloudFormation::Stack",
	Create: func(ctx context.Context, api API, r Resource, want *stackProperties) (Result, error) {
		in := &shape.CreateStackInput{
			StackName: r.Name(128), TemplateURL: &want.TemplateURL, Parameters: want.parameters(), Tags: r.stackTags(want.Tags),
			NotificationARNs: want.NotificationARNs, TimeoutInMinutes: want.TimeoutInMinutes, Capabilities: r.capabilities(),
		}
		made, err := Do[shape.CreateStackOutput](ctx, api, in)
		if err != nil {
			return Result{}, err
		}
		return nested(ctx, api, *made.StackId, "created")
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *stackProperties) (Result, error) {
		is, err := describe(ctx, api, r.Physical)
		if err != nil {
			return Result{}, err
		}
		switch is.StackStatus {
		case "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": // it waits to hear how the update of the outer one ends
			if _, err := api.Call(ctx, &shape.CancelUpdateStackInput{StackName: r.Physical}); err != nil {
				return Result{}, err
			}
			return Result{Physical: r.Physical}, ErrPending
		case "UPDATE_ROLLBACK_COMPLETE":
			if r.Back { // it has come back by itself
				return Result{Physical: r.Physical, Attrs: outputsOf(is)}, nil
			}
		case "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": // on its way back, asked to or not
			return Result{Physical: r.Physical}, ErrPending
		}
		in := &shape.UpdateStackInput{
			StackName: r.Physical, TemplateURL: &want.TemplateURL, Parameters: want.parameters(), Tags: r.stackTags(want.Tags),
			NotificationARNs: want.NotificationARNs, Capabilities: r.capabilities(),
		}
		_, err = api.Call(ctx, in)
		switch {
		case isCode(err, "ValidationError") && strings.Contains(err.Error(), "No updates are to be performed."):
			if is.StackStatus == "UPDATE_ROLLBACK_COMPLETE" { // it has come back to what is wanted
				return Result{Physical: r.Physical, Attrs: outputsOf(is)}, nil
			}
		case err != nil:
			return Result{}, err
		}
		return nested(ctx, api, r.Physical, "updated")
	},
	Delete: func(ctx context.Context, api API, r Resource, was *stackProperties) error {
		if _, err := api.Call(ctx, &shape.DeleteStackInput{StackName: r.Physical}); err != nil {
			return err
		}
		is, err := describe(ctx, api, r.Physical)
		switch {
		case isCode(err, "ValidationError"): // there is nothing of that name
			return nil
		case err != nil:
			return err
		case is.StackStatus == "DELETE_COMPLETE":
			return nil
		case strings.HasSuffix(is.StackStatus, "_IN_PROGRESS"):
			return ErrPending
		}
		return Failed(fmt.Sprintf("Embedded stack %s was not successfully deleted: %s", r.Physical, reasonOf(is)))
	},
	Read: func(ctx context.Context, api API, r Resource, was *stackProperties) (*stackProperties, Result, error) {
		is, err := describe(ctx, api, r.Physical)
		if isCode(err, "ValidationError") || err == nil && is.StackStatus == "DELETE_COMPLETE" {
			return nil, Result{}, nil
		}
		return was, Result{Physical: r.Physical}, err
	},
}

// capabilities are what the outer stack's operation acknowledges for its nested ones; that
// they may be what they were before, they were acknowledged then.
func (r *Resource) capabilities() []string {
	if r.Back {
		return []string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}
	}
	return r.Capabilities
}

func (p *stackProperties) parameters() []shape.Parameter {
	var list []shape.Parameter
	for key, raw := range p.Parameters {
		list = append(list, shape.Parameter{ParameterKey: &key, ParameterValue: new(parameterText(raw))})
	}
	slices.SortFunc(list, func(a, b shape.Parameter) int { return strings.Compare(*a.ParameterKey, *b.ParameterKey) })
	return list
}

// parameterText is a value as a parameter takes it: lists with commas.
func parameterText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, ",")
	}
	return string(raw)
}

// stackTags are the tags of a nested stack, whose resources get CloudFormation's own from it.
func (r *Resource) stackTags(own []Tag) []shape.Tag {
	var list []shape.Tag
	for _, t := range r.tags(own, exactKey) {
		if isSystem(t.Key) {
			continue
		}
		list = append(list, shape.Tag{Key: t.Key, Value: t.Value})
	}
	return list
}

func describe(ctx context.Context, api API, id string) (*shape.Stack, error) {
	reply, err := Do[shape.DescribeStacksOutput](ctx, api, &shape.DescribeStacksInput{StackName: &id})
	if err != nil {
		return nil, err
	}
	if len(reply.Stacks) != 1 {
		return nil, awserr.New(400, "ValidationError", "Stack with id %s does not exist", id)
	}
	return &reply.Stacks[0], nil
}

// nested is a nested stack that was made or changed, once that is over.
func nested(ctx context.Context, api API, id, verb string) (Result, error) {
	is, err := describe(ctx, api, id)
	if err != nil {
		return Result{Physical: id}, err
	}
	switch is.StackStatus {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
		return Result{Physical: id, Attrs: outputsOf(is)}, nil
	case "UPDATE_ROLLBACK_COMPLETE":
		return Result{Physical: id, Attrs: outputsOf(is)}, Failed(fmt.Sprintf("Embedded stack %s was not successfully %s: %s", id, verb, reasonOf(is)))
	}
	if strings.HasSuffix(is.StackStatus, "_IN_PROGRESS") {
		return Result{Physical: id}, ErrPending
	}
	return Result{Physical: id}, Failed(fmt.Sprintf("Embedded stack %s was not successfully %s: %s", id, verb, reasonOf(is)))
}

func reasonOf(is *shape.Stack) string {
	if is.StackStatusReason == nil {
		return is.StackStatus
	}
	return *is.StackStatusReason
}

func outputsOf(is *shape.Stack) map[string]string {
	attrs := map[string]string{"StackId": *is.StackId}
	for _, o := range is.Outputs {
		attrs["Outputs."+*o.OutputKey] = *o.OutputValue
	}
	return attrs
}
