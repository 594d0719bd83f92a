package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jmespath/go-jmespath"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/client"
	"github.com/iamd-project/iamd/internal/shapes"
)

var callCommand = command{
	name:  "call",
	args:  "SERVICE OPERATION [--PARAMETER value...]",
	short: "call an operation of a service, here or at AWS",
	about: `
Calls an operation of a service, and prints the reply as JSON:

  iamd call iam create-access-key --user-name Bob --regions us-east-1

Parameters are written as the AWS CLI has them: lists as several words, structures as
JSON or in its shorthand (Key=a,Value=b), texts from files as file://PATH, and so is the
content of an object: iamd call s3 put-object --bucket b --key k --body file://PATH. A secret
is taken from a file only. "iamd call SERVICE --help" lists a service's operations, and
"iamd call SERVICE OPERATION --help" the parameters of one.

Endpoint, region and credentials are found as AWS's own tools find them: in AWS_* variables
and profiles, among other places. "eval $(iamd env)" points them at the server here.

With several regions the operation is called once in each, and the replies stand under
the regions' names; an error stands in the place of its reply, as {"Error": ...}. Exits
with 1 if any call failed.

Flags may stand anywhere. Where an operation has a parameter of the same name, that is
what a flag behind the operation means.` + serviceList(),
	own:   []string{"regions", "raw-xml", "endpoint", "query", "profile", "all-pages"},
	whole: true,
	setup: func(flags *flag.FlagSet) func(context.Context, Env, []string) error {
		var o callOptions
		flags.Var(&o.regions, "regions", "`LIST` of regions, with commas, or * for each where the service is available, if not the environment's")
		flags.BoolVar(&o.raw, "raw-xml", false, "print what the service sent, such as XML or an object to the byte, and do not turn it into JSON")
		flags.StringVar(&o.Endpoint, "endpoint", "", "`URL` of the service, if not the environment's or AWS's own")
		flags.StringVar(&o.query, "query", "", "`JMESPATH` of what to print of each reply")
		flags.StringVar(&o.Profile, "profile", "", "`NAME` of the profile to use, if not the environment's")
		flags.BoolVar(&o.all, "all-pages", false, "follow a listing to its end")
		return func(ctx context.Context, env Env, args []string) error { return runCall(ctx, env, flags, &o, args) }
	},
}

// callOptions are the flags of iamd call itself.
type callOptions struct {
	client.Options
	regions list
	raw     bool
	all     bool
	query   string
	filter  *jmespath.JMESPath
}

func runCall(ctx context.Context, env Env, flags *flag.FlagSet, o *callOptions, args []string) error {
	words, params, asksHelp, err := splitCall(flags, args)
	if err != nil {
		return usageError("call: %w; see 'iamd call --help'", err)
	}
	if asksHelp {
		return callHelp(env.Stdout, words)
	}
	svc, op, err := findOperation(words)
	if err != nil {
		return usageError("call: %w", err)
	}
	if o.raw && (o.query != "" || o.all) {
		return usageError("call: --raw-xml prints what was sent, and takes neither --query nor --all-pages")
	}
	if o.query != "" {
		if o.filter, err = jmespath.Compile(o.query); err != nil {
			return usageError("call: --query: %w", err)
		}
	}
	tree, err := client.Arguments(op, params)
	if err == nil {
		var in any
		if in, err = client.Input(svc, op, tree, client.RandomToken); err == nil {
			return o.call(ctx, env, client.Request{Service: svc, Operation: op, Input: in})
		}
	}
	return usageError("call %s %s: %w; see 'iamd call %[1]s %[2]s --help'", svc.ID, client.Kebab(op.Name), err)
}

// splitCall parts the command line: iamd call's own flags are read, the words that name
// service and operation and the operation's parameters are returned.
func splitCall(flags *flag.FlagSet, args []string) (words, params []string, help bool, err error) {
	var op *shapes.Operation
	for len(args) > 0 {
		arg := args[0]
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		own := flags.Lookup(name)
		switch {
		case isHelp(arg):
			return words, nil, true, nil
		case strings.HasPrefix(arg, "--") && own != nil && !hasParameter(op, name):
			rest, err := parseOne(flags, args)
			if err != nil {
				return nil, nil, false, err
			}
			args = rest
			continue
		case len(words) == 2:
			params = append(params, arg)
		case strings.HasPrefix(arg, "-"):
			return nil, nil, false, fmt.Errorf("unknown flag %s: an operation's parameters stand behind it", arg)
		default:
			words = append(words, arg)
			if len(words) == 2 {
				_, op, _ = findOperation(words)
			}
		}
		args = args[1:]
	}
	return words, params, false, nil
}

// parseOne reads the flag that args begin with, and returns what is behind it.
func parseOne(flags *flag.FlagSet, args []string) ([]string, error) {
	n := 1
	f := flags.Lookup(strings.TrimPrefix(args[0], "--"))
	if f != nil { // no "=value"
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
			n = 2
		}
	}
	n = min(n, len(args))
	return args[n:], flags.Parse(args[:n])
}

func hasParameter(op *shapes.Operation, flag string) bool {
	return op != nil && slices.ContainsFunc(client.Members(op.Input()), func(m client.Member) bool { return client.Kebab(m.Name) == flag })
}

func findOperation(words []string) (*shapes.Service, *shapes.Operation, error) {
	if len(words) == 0 {
		return nil, nil, errors.New("it takes a service and an operation; see 'iamd call --help'")
	}
	svc := client.Service(words[0])
	if svc == nil {
		return nil, nil, fmt.Errorf("unknown service %q; see 'iamd call --help'", words[0])
	}
	if len(words) == 1 {
		return svc, nil, fmt.Errorf("it takes an operation of %s; see 'iamd call %[1]s --help'", svc.ID)
	}
	op := client.Operation(svc, words[1])
	if op == nil {
		return svc, nil, fmt.Errorf("%s has no operation %q; see 'iamd call %[1]s --help'", svc.ID, words[1])
	}
	return svc, op, nil
}

// call calls in each region and prints what came back.
func (o *callOptions) call(ctx context.Context, env Env, r client.Request) error {
	c, err := client.New(ctx, o.Options)
	if err != nil {
		return err
	}
	regions, err := c.Regions(r.Service, o.regions.values)
	if err != nil {
		return usageError("call: --regions: %w", err)
	}
	do := c.Call
	if o.all {
		do = c.CallAll
	}
	answers := c.Everywhere(ctx, r, regions, do)
	if len(answers) == 1 {
		return o.printOne(env, r.Operation, &answers[0])
	}
	return o.printAll(env, answers)
}

func (o *callOptions) printOne(env Env, op *shapes.Operation, a *client.Answer) error {
	if o.raw && len(a.Reply.Body) > 0 {
		text := append(bytes.TrimRight(a.Reply.Body, "\n"), '\n')
		if a.Err == nil && hasContent(op) {
			text = a.Reply.Body // to the byte, for a file
		}
		if _, err := env.Stdout.Write(text); err != nil {
			return err
		}
	}
	if e, ok := errors.AsType[*awserr.Error](a.Err); ok {
		return fmt.Errorf("an error occurred (%s) when calling the %s operation: %s", e.Code, op.Name, printable(e.Message))
	}
	if a.Err != nil || o.raw {
		return a.Err
	}
	value, err := o.shown(a.Reply)
	if err != nil {
		return err
	}
	return printJSON(env.Stdout, value)
}

// hasContent reports whether an operation's reply is what somebody has stored.
func hasContent(op *shapes.Operation) bool {
	return op.Output != nil && slices.ContainsFunc(client.Members(op.Output()), func(m client.Member) bool { return client.KindOf(m.Type) == client.Content })
}

func (o *callOptions) printAll(env Env, answers []client.Answer) error {
	all := map[string]any{}
	var failed []string
	for i := range answers {
		a := &answers[i]
		value, err := any(nil), a.Err
		if err == nil {
			value, err = o.shown(a.Reply)
		}
		if err != nil {
			failed = append(failed, a.Region)
			value = errorTree(a, err, o.raw)
		}
		all[a.Region] = value
	}
	if err := printJSON(env.Stdout, all); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("%d of %d regions failed: %s", len(failed), len(answers), strings.Join(failed, ", "))
	}
	return nil
}

// errorTree is what stands in the place of a reply.
func errorTree(a *client.Answer, err error, raw bool) any {
	if raw && len(a.Reply.Body) > 0 {
		return string(a.Reply.Body)
	}
	tree := map[string]any{"Message": err.Error()}
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		tree["Code"], tree["Message"] = e.Code, e.Message
	}
	if a.Reply.RequestID != "" {
		tree["RequestId"] = a.Reply.RequestID
	}
	return map[string]any{"Error": tree}
}

// shown is what to print of a reply.
func (o *callOptions) shown(r *client.Reply) (any, error) {
	if o.raw {
		return string(r.Body), nil
	}
	if o.filter == nil {
		return r.Tree(), nil
	}
	text, err := json.Marshal(r.Tree())
	if err != nil {
		return nil, err
	}
	var tree any // with numbers as the query knows them
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	found, err := o.filter.Search(tree)
	if err != nil {
		return nil, fmt.Errorf("--query: %w", err)
	}
	return found, nil
}

// printJSON prints a value for people: keys in order, nothing escaped that need not be.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// printable keeps what a server said from speaking to the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, s)
}
