package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/iamd-project/iamd/test/bench/load"
)

const (
	startLimit = 2 * time.Minute
	stopLimit  = 30 * time.Second
)

// A server is a process under load.
type server struct {
	load.Target
	ready  time.Duration // from its start to the first 200 of /readyz
	data   string        // its data folder, if it is an iamd
	cmd    *exec.Cmd
	exited chan error
}

// startIAMD serves the data folder, with root's key as the target's.
func (b *bench) startIAMD(ctx context.Context, data string) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	s, err := b.start(ctx, addr, b.iamd, "serve", "--listen", addr, "--data", data, "--quota", "UsersPerAccount=100000000")
	if err != nil {
		return nil, err
	}
	s.data = data
	s.AccessKey, s.SecretKey, err = readCredentials(filepath.Join(data, "credentials"))
	return s, err
}

// startCeiling serves a limit.Ceiling from this program, for the requests that t gets.
func (b *bench) startCeiling(ctx context.Context, t load.Target, args ...string) (*server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s, err := b.start(ctx, addr, self, append([]string{"ceiling", "-listen", addr}, args...)...)
	if err != nil {
		return nil, err
	}
	s.AccessKey, s.SecretKey = t.AccessKey, t.SecretKey
	return s, nil
}

// start runs a program that will listen on addr, and waits until it is ready.
func (b *bench) start(ctx context.Context, addr, program string, args ...string) (*server, error) {
	output, err := os.CreateTemp(b.temp, "output-")
	if err != nil {
		return nil, err
	}
	defer output.Close()
	s := &server{cmd: exec.Command(program, args...), exited: make(chan error, 1)}
	s.Endpoint = "http://" + addr
	s.cmd.Stdout, s.cmd.Stderr = output, output
	// A group of its own: Ctrl-C is for this process, which then stops the others.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.PID = s.cmd.Process.Pid
	b.servers = append(b.servers, s)
	go func() { s.exited <- s.cmd.Wait() }()
	if err := s.awaitReady(ctx); err != nil {
		said, _ := os.ReadFile(output.Name())
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, said)
	}
	s.ready = time.Since(begin)
	return s, nil
}

func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		resp, err := http.Get(s.Endpoint + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("ended before it was ready: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("waiting for it to be ready: %w", ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// stop ends a server as an operator would, and fails if it does not end well.
func (b *bench) stop(s *server) error {
	b.servers = slices.DeleteFunc(b.servers, func(other *server) bool { return other == s })
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.exited:
		if err != nil {
			return fmt.Errorf("%s ended badly: %w", filepath.Base(s.cmd.Path), err)
		}
		return nil
	case <-time.After(stopLimit):
		return errors.Join(fmt.Errorf("%s did not stop in %v", filepath.Base(s.cmd.Path), stopLimit), s.cmd.Process.Kill())
	}
}

func (b *bench) stopAll() error {
	var err error
	for _, s := range slices.Clone(b.servers) {
		err = errors.Join(err, b.stop(s))
	}
	return err
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// readCredentials reads the first key of a file in AWS's format.
func readCredentials(path string) (id, secret string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan() && (id == "" || secret == ""); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			id = strings.TrimSpace(value)
		case "aws_secret_access_key":
			secret = strings.TrimSpace(value)
		}
	}
	if id == "" || secret == "" {
		return "", "", fmt.Errorf("no key in %s", path)
	}
	return id, secret, nil
}
