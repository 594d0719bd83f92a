package engine

import (
	"regexp"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/template"
	"github.com/iamd-project/iamd/internal/cfn/tree"
)

// await is what a resource's CreationPolicy makes it wait for; nil for nothing.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html
func await(res *template.Resource) *kind.Await {
	signal := res.CreationPolicy.Get("ResourceSignal")
	if signal == nil {
		return nil
	}
	a := &kind.Await{Count: 1, Timeout: 5 * time.Minute}
	if n := signal.Get("Count"); n.Scalar() {
		if count, err := strconv.Atoi(n.Text); err == nil && count >= 0 {
			a.Count = count
		}
	}
	if n := signal.Get("Timeout"); n.Is(tree.String) {
		a.Timeout = duration(n.Text)
	}
	return a
}

var iso8601 = regexp.MustCompile(`^PT(?:(\d{1,3})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?$`)

// longestAwait is the longest that a CreationPolicy waits.
const longestAwait = 12 * time.Hour

// duration reads PT#H#M#S; what is no duration is none.
func duration(text string) time.Duration {
	part := iso8601.FindStringSubmatch(text)
	if part == nil {
		return 0
	}
	var total time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if n, err := strconv.Atoi(part[i+1]); err == nil {
			total += time.Duration(n) * unit
		}
	}
	return min(total, longestAwait)
}
