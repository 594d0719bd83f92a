package kept

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/ecr"
)

func repositoryOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateRepository", needCreateRepository, createRepository),
		op.Read("DescribeRepositories", needDescribeRepositories, describeRepositories),
		op.Write("DeleteRepository", needDeleteRepository, deleteRepository),
	}
}

func needRepository(c *op.Call, action, name string) op.Need {
	return needOn(action, named(c, directory.ECRRepository, name))
}

// ownRegistry refuses the registry of another account, of which the caller's has no part.
func ownRegistry(c *op.Call, id *string, name string) error {
	if id == nil || *id == string(c.Caller.Account) {
		return nil
	}
	return errNoRepository(name, *id)
}

func errNoRepository(name, registry string) error {
	return awserr.New(400, "RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, registry)
}

func repositoryNamed(c *op.Call, registry *string, name string) (*directory.Kept, error) {
	if err := ownRegistry(c, registry, name); err != nil {
		return nil, err
	}
	k, err := find(c, directory.ECRRepository, name)
	if err == nil && k == nil {
		err = errNoRepository(name, string(c.Caller.Account))
	}
	return k, err
}

func needCreateRepository(c *op.Call, in *shape.CreateRepositoryRequest) ([]op.Need, error) {
	return []op.Need{needRepository(c, "ecr:CreateRepository", in.RepositoryName)}, nil
}

func createRepository(_ context.Context, c *op.Call, in *shape.CreateRepositoryRequest) (*shape.CreateRepositoryResponse, error) {
	if err := onlyStacks(c, "ecr:CreateRepository", noECR); err != nil {
		return nil, err
	}
	if k, err := find(c, directory.ECRRepository, in.RepositoryName); err != nil {
		return nil, err
	} else if k != nil {
		return nil, awserr.New(400, "RepositoryAlreadyExistsException", "The repository with name '%s' already exists in the registry with id '%s'", k.Name, k.Account)
	}
	k := named(c, directory.ECRRepository, in.RepositoryName)
	return &shape.CreateRepositoryResponse{Repository: new(repository(k))}, directory.PutKept(c.Tx, k)
}

func repository(k *directory.Kept) shape.Repository {
	registry := string(k.Account)
	return shape.Repository{
		CreatedAt:      new(k.Created.Time()),
		RegistryId:     &registry,
		RepositoryArn:  new(k.ARN()),
		RepositoryName: &k.Name,
		RepositoryUri:  new(registry + ".dkr.ecr." + k.Region + ".amazonaws.com/" + k.Name),
	}
}

func needDescribeRepositories(c *op.Call, in *shape.DescribeRepositoriesRequest) ([]op.Need, error) {
	if len(in.RepositoryNames) == 0 {
		return []op.Need{needRepository(c, "ecr:DescribeRepositories", "*")}, nil
	}
	var needs []op.Need
	for _, name := range in.RepositoryNames {
		needs = append(needs, needRepository(c, "ecr:DescribeRepositories", name))
	}
	return needs, nil
}

// repositoriesOnPage is how many come unless the caller wants another number.
const repositoriesOnPage = 100

func describeRepositories(_ context.Context, c *op.Call, in *shape.DescribeRepositoriesRequest) (*shape.DescribeRepositoriesResponse, error) {
	if len(in.RepositoryNames) > 0 {
		return describeNamed(c, in)
	}
	if err := ownRegistry(c, in.RegistryId, "*"); err != nil {
		return nil, err
	}
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, awserr.New(400, "InvalidParameterException", "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'")
	}
	limit := repositoriesOnPage
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	all := directory.ListKept(c.Snap, directory.ECRRepository, c.Caller.Account, c.Region, after)
	page, err := op.PageOf(all, limit, func(k *directory.Kept) string { return k.Name }, op.All[*directory.Kept])
	if err != nil {
		return nil, err
	}
	out := &shape.DescribeRepositoriesResponse{NextToken: page.Next, Repositories: []shape.Repository{}}
	for _, k := range page.Items {
		out.Repositories = append(out.Repositories, repository(k))
	}
	return out, nil
}

func describeNamed(c *op.Call, in *shape.DescribeRepositoriesRequest) (*shape.DescribeRepositoriesResponse, error) {
	out := &shape.DescribeRepositoriesResponse{}
	for _, name := range in.RepositoryNames {
		k, err := repositoryNamed(c, in.RegistryId, name)
		if err != nil {
			return nil, err
		}
		out.Repositories = append(out.Repositories, repository(k))
	}
	return out, nil
}

func needDeleteRepository(c *op.Call, in *shape.DeleteRepositoryRequest) ([]op.Need, error) {
	return []op.Need{needRepository(c, "ecr:DeleteRepository", in.RepositoryName)}, nil
}

func deleteRepository(_ context.Context, c *op.Call, in *shape.DeleteRepositoryRequest) (*shape.DeleteRepositoryResponse, error) {
	k, err := repositoryNamed(c, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	return &shape.DeleteRepositoryResponse{Repository: new(repository(k))}, directory.DeleteKept(c.Tx, k)
}
