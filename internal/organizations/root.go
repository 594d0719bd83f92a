package organizations

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/organizations"
)

func rootOperations() []op.Operation {
	return []op.Operation{
		op.Read("ListRoots", needAll[shape.ListRootsRequest]("ListRoots"), listRoots),
		op.Read("ListParents", needListParents, listParents),
	}
}

// rootName is the name that AWS gives to every root.
const rootName = "Root"

func listRoots(_ context.Context, c *op.Call, in *shape.ListRootsRequest) (*shape.ListRootsResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	if err := noToken(in.NextToken); err != nil {
		return nil, err
	}
	return &shape.ListRootsResponse{Roots: []shape.Root{{
		Id:          &o.Root,
		Arn:         new(rootARN(o)),
		Name:        new(rootName),
		PolicyTypes: []shape.PolicyTypeSummary{},
	}}}, nil
}

func needListParents(c *op.Call, in *shape.ListParentsRequest) ([]op.Need, error) {
	return needTarget(c, "ListParents", in.ChildId)
}

func listParents(_ context.Context, c *op.Call, in *shape.ListParentsRequest) (*shape.ListParentsResponse, error) {
	o, err := managed(c)
	if err != nil {
		return nil, err
	}
	if err := noToken(in.NextToken); err != nil {
		return nil, err
	}
	a, err := findMember(c, o, in.ChildId)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, awserr.New(400, "ChildNotFoundException", "You specified a child that doesn't exist.")
	}
	return &shape.ListParentsResponse{Parents: []shape.Parent{{Id: &o.Root, Type: new(shape.ParentTypeRoot)}}}, nil
}
