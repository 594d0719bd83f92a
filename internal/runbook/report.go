package runbook

import "time"

// The states of a run and of a step.
const (
	Succeeded   = "succeeded"
	Failed      = "failed"
	Interrupted = "interrupted"
	Undecided   = "undecided" // a call may have been carried out: somebody has to look
	Skipped     = "skipped"
	Planned     = "planned" // by a dry run, which did not do it
)

// A Report says what a run did. It holds no secrets.
type Report struct {
	Runbook string         `json:"runbook"`
	Run     string         `json:"run,omitempty"`
	Caller  string         `json:"caller,omitempty"` // ARN
	DryRun  bool           `json:"dryRun,omitempty"`
	Started time.Time      `json:"started"`
	Ended   time.Time      `json:"ended"`
	Status  string         `json:"status"`
	Error   string         `json:"error,omitempty"`
	Resumed bool           `json:"resumed,omitempty"`
	Inputs  map[string]any `json:"inputs"`
	Steps   []*StepReport  `json:"steps"`
	Outputs map[string]any `json:"outputs,omitempty"`

	over bool
}

// A StepReport says what one step did, for one item of its list if it has one.
type StepReport struct {
	ID         string    `json:"id"`
	Item       any       `json:"item,omitempty"`
	Call       string    `json:"call,omitempty"`
	Status     string    `json:"status"`
	Before     bool      `json:"before,omitempty"` // done by the run before it was resumed
	Attempts   int       `json:"attempts,omitempty"`
	Started    time.Time `json:"started"`
	Ended      time.Time `json:"ended"`
	Parameters any       `json:"parameters,omitempty"`
	Result     any       `json:"result,omitempty"`
	Error      string    `json:"error,omitempty"`
}
