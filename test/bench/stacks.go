package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/iamd-project/iamd/test/bench/load"
	"github.com/iamd-project/iamd/test/bench/proc"
)

// stacks is row 10: stacks of users with a key and a secret each, against the same calls made one
// by one by one client. The largest has 500 resources, which is the limit of a template, but for the
// two that are left over by threes.
func (b *bench) stacks(ctx context.Context) error {
	s, err := b.startIAMD(ctx, filepath.Join(b.temp, "stacks"))
	if err != nil {
		return err
	}
	first := 0.0
	for _, users := range []int{1, 16, 166} {
		var stack, single []float64
		n := 0
		made := func(context.Context) error {
			n++
			took, err := timeOf(func() error { return makeStack(s.Target, fmt.Sprintf("stack-%d-%d", users, n), users) })
			stack = append(stack, took)
			return err
		}
		called := func(context.Context) error {
			took, err := timeOf(func() error { return makeSingly(s.Target, fmt.Sprintf("single-%d-%d", users, n), users) })
			single = append(single, took)
			return err
		}
		meter := proc.Start(s.PID)
		if err := b.turns(ctx, made, called); err != nil {
			return err
		}
		f := figure{Row: 10, Against: "its calls one by one", Noise: meter.Stop().Noise}
		b.report(f.named("a stack of %d resources", 3*users).ratio("ms", stack, single, atMost(1)))
		each := median(stack) / float64(3*users)
		if first == 0 {
			first = each
		}
		b.report(f.named("  for each resource").value("ms", []float64{each}, []float64{first}, noTarget))
	}
	return b.stop(s)
}

// timeOf is how long something takes, in milliseconds.
func timeOf(do func() error) (float64, error) {
	start := time.Now()
	err := do()
	return time.Since(start).Seconds() * 1000, err
}

// makeStack makes a stack, which is complete when its call returns.
func makeStack(t load.Target, name string, users int) error {
	var resources []string
	for i := range users {
		resources = append(resources, fmt.Sprintf(`"User%d":{"Type":"AWS::IAM::User"},"Key%d":{"Type":"AWS::IAM::AccessKey","Properties":{"UserName":{"Ref":"User%d"}}},
"Secret%d":{"Type":"AWS::SecretsManager::Secret","Properties":{"SecretString":{"Fn::GetAtt":["Key%d","SecretAccessKey"]}}}`, i, i, i, i, i))
	}
	form := url.Values{
		"Action": {"CreateStack"}, "StackName": {name}, "Capabilities.member.1": {"CAPABILITY_IAM"},
		"TemplateBody": {`{"Resources":{` + strings.Join(resources, ",") + `}}`},
	}
	if _, err := load.AskCloudFormation(t, form); err != nil {
		return err
	}
	for {
		reply, err := load.AskCloudFormation(t, url.Values{"Action": {"DescribeStacks"}, "StackName": {name}})
		switch {
		case err != nil:
			return err
		case strings.Contains(string(reply), "<StackStatus>CREATE_COMPLETE<"):
			return nil
		case !strings.Contains(string(reply), "<StackStatus>CREATE_IN_PROGRESS<"):
			return fmt.Errorf("stack %s was not made: %s", name, reply)
		}
	}
}

// makeSingly makes what such a stack has without one.
func makeSingly(t load.Target, prefix string, users int) error {
	c, err := load.NewClient(t)
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range users {
		if err := c.UserWithSecret(fmt.Sprintf("%s-%d", prefix, i)); err != nil {
			return err
		}
	}
	return nil
}
