package kept_test

import (
	"fmt"
	"testing"

	"github.com/iamd-project/iamd/internal/kept"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/shapes/ecr"
	"github.com/iamd-project/iamd/internal/shapes/kms"
)

// Only stacks make what is no more than a record.
func TestOnlyStacks(t *testing.T) {
	w := optest.New(t, kept.KMS())
	w.Refused(w.Root(), "CreateKey", &kms.CreateKeyRequest{}, 501, "NotImplementedException",
		"iamd does not support kms:CreateKey outside of stacks: it has no KMS behind the keys of stacks, which are records.")
	w = optest.New(t, kept.ECR())
	w.Refused(w.Root(), "CreateRepository", &ecr.CreateRepositoryRequest{RepositoryName: "ab"}, 501, "NotImplementedException",
		"iamd does not support ecr:CreateRepository outside of stacks: it has no registry of images behind the repositories of stacks, which are records.")
}

func TestRepositories(t *testing.T) {
	w := optest.New(t, kept.ECR())
	w.Client.Via = []string{"cloudformation.amazonaws.com"}
	for i := range 5 {
		if _, _, err := w.Do(w.Root(), "CreateRepository", &ecr.CreateRepositoryRequest{RepositoryName: fmt.Sprint("r/", i)}); err != nil {
			t.Fatal(err)
		}
	}
	in, found := &ecr.DescribeRepositoriesRequest{MaxResults: new(int32(2))}, 0
	for pages := 1; ; pages++ {
		out, _, err := w.Do(w.Root(), "DescribeRepositories", in)
		if err != nil {
			t.Fatal(err)
		}
		page := out.(*ecr.DescribeRepositoriesResponse)
		found += len(page.Repositories)
		if in.NextToken = page.NextToken; in.NextToken == nil {
			if found != 5 || pages != 3 {
				t.Errorf("%d repositories on %d pages", found, pages)
			}
			break
		}
	}
	const missing = "The repository with name 'no' does not exist in the registry with id '%s'"
	for _, c := range []struct {
		op       string
		in       any
		registry string
	}{
		{"DescribeRepositories", &ecr.DescribeRepositoriesRequest{RepositoryNames: []string{"r/1", "no"}}, "123456789012"},
		{"DeleteRepository", &ecr.DeleteRepositoryRequest{RepositoryName: "no"}, "123456789012"},
		{"DeleteRepository", &ecr.DeleteRepositoryRequest{RepositoryName: "no", RegistryId: new("210987654321")}, "210987654321"},
	} {
		w.Refused(w.Root(), c.op, c.in, 400, "RepositoryNotFoundException", fmt.Sprintf(missing, c.registry))
	}
}
