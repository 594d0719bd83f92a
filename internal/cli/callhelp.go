package cli

import (
	"flag"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/client"
	"github.com/iamd-project/iamd/internal/shapes"
)

// serviceList names the services there are, for the command's own help.
func serviceList() string {
	var b strings.Builder
	b.WriteString("\n\nServices:\n")
	for _, s := range client.Services {
		fmt.Fprintf(&b, "  %-15s %s, %d operations\n", s.ID, s.Title, len(s.Operations))
	}
	return b.String()
}

// callHelp explains a service or one of its operations, and leaves the command itself to its caller.
func callHelp(w io.Writer, words []string) error {
	if len(words) == 0 {
		return flag.ErrHelp
	}
	svc, op, err := findOperation(words)
	switch {
	case svc != nil && len(words) == 1:
		fmt.Fprintf(w, "Usage: iamd call %s OPERATION [--PARAMETER value...]\n\n%s. Operations:\n", svc.ID, svc.Title)
		for _, o := range svc.Operations {
			fmt.Fprintf(w, "  %s\n", client.Kebab(o.Name))
		}
		return nil
	case err != nil:
		return usageError("call: %w", err)
	}
	return operationHelp(w, svc, op)
}

// reference is where AWS documents a service's operations.
var reference = map[string]string{
	"cloudformation": "AWSCloudFormation/latest/APIReference",
	"cloudtrail":     "awscloudtrail/latest/APIReference",
	"iam":            "IAM/latest/APIReference",
	"organizations":  "organizations/latest/APIReference",
	"s3":             "AmazonS3/latest/API",
	"secretsmanager": "secretsmanager/latest/apireference",
	"ssm":            "systems-manager/latest/APIReference",
	"sts":            "STS/latest/APIReference",
}

func operationHelp(w io.Writer, svc *shapes.Service, op *shapes.Operation) error {
	in := op.Input()
	fmt.Fprintf(w, "Usage: iamd call %s %s [flags] [--PARAMETER value...]\n\n%s of %s.\n", svc.ID, client.Kebab(op.Name), op.Name, svc.Title)
	fmt.Fprintf(w, "https://docs.aws.amazon.com/%s/API_%s.html\n", reference[svc.ID], op.Name)
	rules := shapes.Rules(in.(shapes.Checkable))
	h := helper{w: w, rules: rules}
	if members := client.Members(in); len(members) > 0 {
		fmt.Fprint(w, "\nParameters:\n")
		slices.SortStableFunc(members, func(a, b client.Member) int { // the required ones first
			return rank(a) - rank(b)
		})
		for _, m := range members {
			h.parameter(m)
		}
	} else {
		fmt.Fprint(w, "\nIt takes no parameters.\n")
	}
	fmt.Fprintf(w, "\n  --%s JSON|file://PATH\n      the whole request; parameters win over what is in it\n", client.InputFlag)
	if op.Output != nil {
		fmt.Fprint(w, "\nReply:\n")
		(&helper{w: w}).members(client.Members(op.Output()), "", 1, nil)
	}
	if len(op.Errors) > 0 {
		codes := make([]string, len(op.Errors))
		for i, e := range op.Errors {
			codes[i] = e.Code
		}
		slices.Sort(codes)
		fmt.Fprintf(w, "\nErrors of its own: %s\n", strings.Join(slices.Compact(codes), ", "))
	}
	fmt.Fprint(w, "\n'iamd call --help' has the flags.\n")
	return nil
}

func rank(m client.Member) int {
	if m.Required {
		return 0
	}
	return 1
}

// helper writes members with what the model asks of them.
type helper struct {
	w     io.Writer
	rules map[string]string // nil for a reply, of which nothing is asked
}

// parameter writes a member of the request as a flag.
func (h *helper) parameter(m client.Member) {
	kind := client.KindOf(m.Type)
	switch kind {
	case client.Boolean:
		fmt.Fprintf(h.w, "  --%s, --no-%[1]s\n", client.Kebab(m.Name))
	case client.List:
		fmt.Fprintf(h.w, "  --%s %s...\n", client.Kebab(m.Name), strings.ToUpper(string(client.KindOf(m.Type.Elem()))))
	default:
		fmt.Fprintf(h.w, "  --%s %s\n", client.Kebab(m.Name), strings.ToUpper(string(kind)))
	}
	path := lower(m.Name)
	if notes := h.notes(m, path); notes != "" {
		fmt.Fprintf(h.w, "      %s\n", notes)
	}
	h.below(m.Type, path, 3, nil)
}

// notes says what the model asks of a member.
func (h *helper) notes(m client.Member, path string) string {
	var notes []string
	if m.Required && !m.Token {
		notes = append(notes, "required")
	}
	if m.Token {
		notes = append(notes, "made up if not given, so that a repeated call counts once")
	}
	if m.Sensitive {
		notes = append(notes, "a secret: from a file only")
	}
	if rule := h.rules[path]; rule != "" {
		notes = append(notes, rule)
	}
	return strings.Join(notes, "; ")
}

// below writes the members of the structure that a type is or holds.
func (h *helper) below(t reflect.Type, path string, depth int, within []reflect.Type) {
	for {
		switch client.KindOf(t) {
		case client.List:
			t, path = t.Elem(), path+".1.member"
			continue
		case client.Map:
			t = t.Elem()
			continue
		case client.Structure:
			if !slices.Contains(within, t) {
				h.members(client.Members(reflect.Zero(t).Interface()), path+".", depth, append(within, t))
			}
		}
		return
	}
}

// members writes the members of a structure, one to a line.
func (h *helper) members(list []client.Member, path string, depth int, within []reflect.Type) {
	for _, m := range list {
		here := path + lower(m.Name)
		fmt.Fprintf(h.w, "%s%s %s", strings.Repeat("  ", depth), m.Name, kindText(m.Type))
		if notes := h.notes(m, here); h.rules != nil && notes != "" {
			fmt.Fprintf(h.w, ": %s", notes)
		}
		fmt.Fprintln(h.w)
		h.below(m.Type, here, depth+1, within)
	}
}

func kindText(t reflect.Type) string {
	switch kind := client.KindOf(t); kind {
	case client.List:
		return "list of " + kindText(t.Elem())
	case client.Map:
		return "map of " + kindText(t.Elem())
	default:
		return string(kind)
	}
}

func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }
