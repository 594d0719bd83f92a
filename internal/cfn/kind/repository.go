package kind

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/iamd-project/iamd/internal/shapes/ecr"
)

// repositoryProperties are kept by the stack alone, but for the name: there are no
// images that the others could be about.
type repositoryProperties struct {
	RepositoryName                     string          `json:",omitempty"`
	EmptyOnDelete                      *bool           `json:",omitempty"`
	EncryptionConfiguration            json.RawMessage `json:",omitempty"`
	ImageScanningConfiguration         json.RawMessage `json:",omitempty"`
	ImageTagMutability                 string          `json:",omitempty"`
	ImageTagMutabilityExclusionFilters json.RawMessage `json:",omitempty"`
	LifecyclePolicy                    json.RawMessage `json:",omitempty"`
	RepositoryPolicyText               json.RawMessage `json:",omitempty"`
	Tags                               []Tag           `json:",omitempty"`
}

// mostRepositoryName is how long the name of a repository may be.
const mostRepositoryName = 256

var repository = Kind[repositoryProperties]{
	Type: "AWS::ECR::Repository",
	Create: func(ctx context.Context, api API, r Resource, want *repositoryProperties) (Result, error) {
		name := cmp.Or(want.RepositoryName, strings.ToLower(r.Name(mostRepositoryName)))
		reply, err := Do[ecr.CreateRepositoryResponse](ctx, api, &ecr.CreateRepositoryRequest{RepositoryName: name})
		if err != nil {
			return Result{}, err
		}
		return repositoryResult(reply.Repository), nil
	},
	Update: func(ctx context.Context, api API, r Resource, _, _ *repositoryProperties) (Result, error) {
		_, err := api.Call(ctx, describeRepository(r))
		return Result{Physical: r.Physical}, err
	},
	Delete: func(ctx context.Context, api API, r Resource, was *repositoryProperties) error {
		_, err := api.Call(ctx, &ecr.DeleteRepositoryRequest{RepositoryName: r.Physical, Force: was.EmptyOnDelete})
		return ignore(err, "RepositoryNotFoundException")
	},
	Read: func(ctx context.Context, api API, r Resource, was *repositoryProperties) (*repositoryProperties, Result, error) {
		reply, err := Do[ecr.DescribeRepositoriesResponse](ctx, api, describeRepository(r))
		if err != nil {
			return nil, Result{}, ignore(err, "RepositoryNotFoundException")
		}
		is := *was
		is.RepositoryName = r.Physical
		return &is, repositoryResult(&reply.Repositories[0]), nil
	},
}

func describeRepository(r Resource) *ecr.DescribeRepositoriesRequest {
	return &ecr.DescribeRepositoriesRequest{RepositoryNames: []string{r.Physical}}
}

func repositoryResult(r *ecr.Repository) Result {
	return Result{Physical: *r.RepositoryName, Attrs: map[string]string{"Arn": *r.RepositoryArn, "RepositoryUri": *r.RepositoryUri}}
}
