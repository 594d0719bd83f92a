// Command imports holds the project to its layers: it lists who imports whom, compares each arrow with
// the table in rules.go, and prints those that point the wrong way with the rule they break. What tests
// import is their own affair.
//
//	imports ROOT
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	packages, err := load(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "imports:", err)
		os.Exit(1)
	}
	arrows, bad := 0, 0
	for _, p := range packages {
		for _, to := range p.Imports {
			arrows++
			if why := check(p.ImportPath, to); why != "" {
				bad++
				fmt.Printf("%s -> %s\n\t%s\n", inside(p.ImportPath), inside(to), why)
			}
		}
	}
	fmt.Printf("%d packages, %d imports, %d against the rules\n", len(packages), arrows, bad)
	if bad > 0 {
		os.Exit(1)
	}
}

type pkg struct {
	ImportPath string
	Imports    []string // of its files that are not tests
}

// load lists the packages of the module in dir.
func load(dir string) ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var packages []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, cmd.Wait()
		} else if err != nil {
			return nil, fmt.Errorf("reading go list: %w", err)
		}
		packages = append(packages, p)
	}
}
