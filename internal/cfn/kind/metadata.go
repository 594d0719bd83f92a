package kind

import "context"

// metadata is what the CDK tells AWS of itself. It makes nothing.
var metadata = Kind[map[string]any]{
	Type: "AWS::CDK::Metadata",
	Create: func(_ context.Context, _ API, r Resource, _ *map[string]any) (Result, error) {
		return Result{Physical: r.Token}, nil
	},
	Update: func(_ context.Context, _ API, r Resource, _, _ *map[string]any) (Result, error) {
		return Result{Physical: r.Physical}, nil
	},
	Delete: func(context.Context, API, Resource, *map[string]any) error { return nil },
}
