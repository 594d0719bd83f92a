package test

import (
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A read that was answered has its record, though the process was killed right
// after: once, and whatever was on its way.
func TestRecordsOfReadsSurviveAKill(t *testing.T) {
	t.Parallel()
	s := start(t)
	client := s.sts(s.root(t))
	var answered []string
	for range 200 {
		out, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		answered = append(answered, id)
	}
	s.kill(t)
	start(t, onData(s.data)).stop(t)

	records := map[string]int{}
	for _, e := range readTrail(t, s.data) {
		records[e.RequestID]++
	}
	for _, id := range answered {
		if records[id] != 1 {
			t.Errorf("%d records of request %s", records[id], id)
		}
	}
}
