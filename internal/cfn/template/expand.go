package template

// Expansion is what macros can ask for.
type Expansion struct {
	Inputs Inputs
	// Include is the text at a location that AWS::Include names, such as s3://bucket/key.
	Include func(location string) (string, error)
}

// Expand runs the macros.
func (t *Template) Expand(in Expansion) (*Template, error) {
	if len(t.Transforms) == 0 {
		return t, nil
	}
	return nil, refuse(nil, "No transform named %s found.", t.Transforms[0].Name)
}
