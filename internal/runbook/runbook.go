// Package runbook reads and runs runbooks: YAML files of steps, each of which calls an
// operation of a service through package client.
//
// Parse checks all that can be known before a run: names, references, expressions,
// parameters. Run then does one step after another, and the clean-up steps whatever
// happened. What a run has done is in its Journal before the next step begins, so that a
// run that was killed goes on where it was and does nothing twice.
package runbook

import (
	"time"

	"github.com/iamd-project/iamd/internal/client"
)

// A Runbook is what a file holds. The tags are the names in the file; schema.json is made
// from them and the docs.
type Runbook struct {
	Name        string           `yaml:"name" doc:"What the runbook is called." required:"true"`
	Description string           `yaml:"description" doc:"What it does, and when to use it. The first line stands in the list."`
	Inputs      Ordered[*Input]  `yaml:"inputs" doc:"What is asked of whoever runs it, by name: inputs.NAME in expressions."`
	Steps       []*Step          `yaml:"steps" doc:"What is done, one after the other, until one fails." required:"true"`
	Always      []*Step          `yaml:"always" doc:"Clean-up: done at the end whatever happened, each of them, also when one fails. failed says whether a step failed."`
	Outputs     Ordered[*Output] `yaml:"outputs" doc:"What the run comes to, by name."`
}

// An Input is a value that a run is given.
type Input struct {
	Type        string   `yaml:"type" doc:"What the value is. A secret is shown nowhere, and not taken from a command line." enum:"string,integer,boolean,list,secret"`
	Description string   `yaml:"description" doc:"What it is for."`
	Default     any      `yaml:"default" doc:"What it is if not given. Without a default it must be given."`
	Enum        []string `yaml:"enum" doc:"The values there are."`
	Pattern     string   `yaml:"pattern" doc:"A regular expression (RE2) that the whole value matches."`
	Min         *int64   `yaml:"min" doc:"The least an integer may be."`
	Max         *int64   `yaml:"max" doc:"The most an integer may be."`
}

// An Output is a value that a run comes to.
type Output struct {
	Description string `yaml:"description" doc:"What it is."`
	Value       Value  `yaml:"value" doc:"What it is: text with ${{ expressions }}." required:"true"`
}

// A Step does one of three things: it calls an operation, sets a value, or fails.
type Step struct {
	ID            string   `yaml:"id" doc:"Its name: steps.ID in expressions is its reply, nil if it was not done. With for-each it is a list of replies, with regions an object of them." required:"true"`
	Description   string   `yaml:"description" doc:"What it does."`
	Call          string   `yaml:"call" doc:"The operation to call, as iam.CreateUser."`
	With          Value    `yaml:"with" doc:"The operation's parameters, by AWS's names. Text may have ${{ expressions }}."`
	Set           Value    `yaml:"set" doc:"A value to set instead of a call: steps.ID is it."`
	Fail          Value    `yaml:"fail" doc:"Why the run fails here, instead of a call; mostly with when."`
	When          Expr     `yaml:"when" doc:"An expression: the step is done only if it is true."`
	ForEach       Expr     `yaml:"for-each" doc:"An expression that gives a list: the step is done for each item in it, in which item and index stand for it."`
	Region        Value    `yaml:"region" doc:"The region to call in, if not the environment's."`
	Regions       Value    `yaml:"regions" doc:"Regions to call in, a list, or * for every one where the service is available."`
	AllPages      bool     `yaml:"all-pages" doc:"Follow a listing to its end."`
	Accept        []string `yaml:"accept" doc:"Codes of errors that are as good as success. The reply is then {Error: {Code, Message}}."`
	Retry         *Retry   `yaml:"retry" doc:"Try again what fails. Throttling and lost connections are tried again without it."`
	WaitUntil     *Wait    `yaml:"wait-until" doc:"Repeat a call that changes nothing until its reply is as wanted."`
	IfInterrupted *Doubt   `yaml:"if-interrupted" doc:"What to do where it is not known whether the call was carried out, since the run was killed or a connection broke in it: repeat it, or first do these steps and then repeat it. Without this the run stops there, unless the operation changes nothing or has a client token."`

	line      int
	operation client.Request // Service and Operation alone
}

// Retry says how a step is tried again.
type Retry struct {
	Attempts int      `yaml:"attempts" doc:"How often at most, 1 to 20."`
	Delay    Duration `yaml:"delay" doc:"The pause before the second attempt, doubled each time. 1s if not given."`
	MaxDelay Duration `yaml:"max-delay" doc:"The longest pause. 30s if not given."`
	On       []string `yaml:"on" doc:"Codes of the errors to try again. Those of busy services if not given."`
}

// Wait says how long a step is repeated.
type Wait struct {
	Condition Expr     `yaml:"condition" doc:"An expression in which result is the reply: true when the wait is over." required:"true"`
	Every     Duration `yaml:"every" doc:"The pause between two calls. 2s if not given."`
	Timeout   Duration `yaml:"timeout" doc:"How long at most. 5m if not given, and never more than 1h."`
}

// Doubt says what to do with a call of which it is not known whether it was carried out.
type Doubt struct {
	First []*Step // done before it is repeated; they must do no harm when done twice
}

// A Duration is written as 30s, 5m or 1h.
type Duration time.Duration

// The bounds of a runbook.
const (
	MaxFile     = 256 << 10 // bytes
	maxSteps    = 200       // clean-up and recovery steps included
	maxInputs   = 100
	maxItems    = 10_000 // of a for-each
	maxAttempts = 20
	maxWait     = time.Hour
	maxText     = 8 << 20 // bytes of a value that an expression makes
)
