// Package runbooks has the runbooks that come with iamd: see `iamd run --list`.
package runbooks

import "embed"

// Files are the runbooks, each in NAME.yaml.
//
//go:embed *.yaml
var Files embed.FS
