package cfn

import (
	"context"
	"fmt"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/cloudformation"
)

func (s *service) exportOperations() []op.Operation {
	return []op.Operation{
		op.Read("ListExports", anywhere[shape.ListExportsInput]("ListExports"), listExports),
		op.Read("ListImports", anywhere[shape.ListImportsInput]("ListImports"), listImports),
	}
}

// anywhere is the need of an operation whose permission is not for one resource.
func anywhere[In any](action string) func(*op.Call, *In) ([]op.Need, error) {
	return func(*op.Call, *In) ([]op.Need, error) {
		return []op.Need{{Action: "cloudformation:" + action, Resource: "*"}}, nil
	}
}

func listExports(_ context.Context, c *op.Call, in *shape.ListExportsInput) (*shape.ListExportsOutput, error) {
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	list := directory.ListExports(c.Snap, c.Caller.Account, c.Region, after)
	page, err := op.PageOf(list, pageSize, func(e *directory.Export) string { return e.Name }, op.All)
	if err != nil {
		return nil, err
	}
	out := &shape.ListExportsOutput{NextToken: page.Next, Exports: []shape.Export{}}
	for _, e := range page.Items {
		shown, err := export(c, e)
		if err != nil {
			return nil, err
		}
		out.Exports = append(out.Exports, *shown)
	}
	return out, nil
}

func export(c *op.Call, e *directory.Export) (*shape.Export, error) {
	text, err := e.Value(c.Keyring, c.Caller.Account, c.Region)
	if err != nil {
		return nil, err
	}
	stack, err := directory.GetStack(c.Snap, c.Caller.Account, c.Region, e.Stack)
	if err != nil || stack == nil {
		return nil, fmt.Errorf("export %s of stack %s: %w", e.Name, e.Stack, err)
	}
	return &shape.Export{Name: &e.Name, Value: &text, ExportingStackId: new(stack.ARN())}, nil
}

func listImports(_ context.Context, c *op.Call, in *shape.ListImportsInput) (*shape.ListImportsOutput, error) {
	after, ok := op.Cursor(in.NextToken)
	if !ok {
		return nil, badToken()
	}
	e, err := directory.GetExport(c.Snap, c.Caller.Account, c.Region, in.ExportName)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, invalid("Export '%s' does not exist.", in.ExportName)
	}
	list := directory.ListImports(c.Snap, c.Caller.Account, c.Region, in.ExportName, after)
	page, err := op.PageOf(list, pageSize, func(i directory.Import) string { return i.ID }, op.All)
	if err != nil {
		return nil, err
	}
	if after == "" && len(page.Items) == 0 {
		return nil, invalid("Export '%s' is not imported by any stack.", in.ExportName)
	}
	out := &shape.ListImportsOutput{NextToken: page.Next, Imports: []string{}}
	for _, i := range page.Items {
		out.Imports = append(out.Imports, i.Name)
	}
	return out, nil
}
