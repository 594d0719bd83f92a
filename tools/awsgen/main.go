// Command awsgen turns AWS service models into Go: one package per service under
// internal/shapes, with its requests, replies, operations, errors and the
// constraints on every request. It fails on whatever in a model it does not
// know, so that a new trait is a decision and not an omission.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	models := flag.String("models", "../../models", "folder of service models")
	out := flag.String("out", "../../internal/shapes", "folder that gets one package per service")
	check := flag.Bool("check", false, "write nothing; fail if a generated file is not up to date")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "awsgen: unexpected argument", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*models, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "awsgen:", err)
		os.Exit(1)
	}
}

// run generates every model, or compares with what is there, and returns the
// problems of all of them.
func run(models, out string, check bool) error {
	files, err := filepath.Glob(filepath.Join(models, "*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no models in %s", models)
	}
	put := write
	if check {
		put = compare
	}
	var problems []error
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		src, err := generate(file, name)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", file, err))
			continue
		}
		problems = append(problems, put(filepath.Join(out, name, name+".gen.go"), src))
	}
	return errors.Join(problems...)
}

func generate(file, name string) ([]byte, error) {
	m, err := readModel(file)
	if err != nil {
		return nil, err
	}
	if err := m.relax(name); err != nil {
		return nil, err
	}
	return newPackage(name, m).source()
}

func write(file string, src []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, src, 0o666)
}

func compare(file string, src []byte) error {
	have, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(have, src) {
		return fmt.Errorf("%s is not up to date", file)
	}
	return nil
}
