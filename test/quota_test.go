package test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
)

// AWS lets concurrent calls exceed its quota of two keys. Here it is exact.
func TestQuotaIsExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	const callers, quota = 64, 2
	s := start(t)
	client := s.iam(s.root(t))
	for round := range 10 {
		user := fmt.Sprintf("user-%d", round)
		if _, err := client.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &user}); err != nil {
			t.Fatal(err)
		}
		made := make([]*iam.CreateAccessKeyOutput, callers)
		errs := make([]error, callers)
		var ready, done sync.WaitGroup
		ready.Add(callers)
		for i := range callers {
			done.Go(func() {
				ready.Done()
				ready.Wait() // all at once
				made[i], errs[i] = client.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &user})
			})
		}
		done.Wait()

		created, refused := map[string]bool{}, 0
		for i, err := range errs {
			switch {
			case err == nil:
				created[*made[i].AccessKey.AccessKeyId] = true
			case isRefusal(err, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"):
				refused++
			default:
				t.Errorf("%s: %v", user, err)
			}
		}
		if len(created) != quota || refused != callers-quota {
			t.Errorf("%s: got %d keys and %d refusals, want %d and %d", user, len(created), refused, quota, callers-quota)
		}
		listed, err := client.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: &user})
		if err != nil {
			t.Fatal(err)
		}
		if len(listed.AccessKeyMetadata) != quota {
			t.Errorf("%s: ListAccessKeys has %d keys, want %d", user, len(listed.AccessKeyMetadata), quota)
		}
		for _, k := range listed.AccessKeyMetadata {
			if !created[*k.AccessKeyId] {
				t.Errorf("%s: ListAccessKeys has %s, which no call returned", user, *k.AccessKeyId)
			}
		}
	}
}

// isRefusal reports whether an SDK call was refused in exactly these words.
func isRefusal(err error, code, message string) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && e.ErrorCode() == code && e.ErrorMessage() == message
}
