// Package server builds the parts of iamd and hands them to each other. It is
// the only place that does.
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/cfn"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"github.com/iamd-project/iamd/internal/cloudtrail"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/gateway"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/s3"
	"github.com/iamd-project/iamd/internal/secrets"
	"github.com/iamd-project/iamd/policy"
	"github.com/iamd-project/iamd/sigv4"
)

// How long a stopping server waits: for the requests it is serving, and for
// audit records on their way.
const (
	stopRequests = 10 * time.Second
	stopRecords  = 10 * time.Second
)

// signingKeys is how many derived signing keys are kept, at about 600 bytes each.
const signingKeys = 16 << 10

// decodedRecords is how many decoded records are kept, at about a kilobyte each.
const decodedRecords = 16 << 10

// compiledPolicies is how many bytes of policy texts are kept compiled, which takes
// several times as much.
const compiledPolicies = 8 << 20

// recentRecords is how many bytes of audit records are kept in memory, for looking them
// up, where there are no files.
const recentRecords = 16 << 20

// server is everything that is running.
type server struct {
	config      Config
	log         *slog.Logger
	ids         ids.Source
	data        *data
	clientFiles ClientFiles

	sink    audit.Sink
	spool   audit.Sink // what gathers for sink, or sink itself
	drain   *audit.Drain
	past    cloudtrail.Trail // what has gone into sink
	usage   *authn.Usage
	handler http.Handler
	// authority answers other servers; nil answers nobody.
	authority http.Handler
	ready     readiness
	reached   atomic.Pointer[string] // the URL of the first listener; nil before it is open

	// inside makes calls for commands on this machine.
	inside calls

	stopBackground context.CancelFunc
	background     sync.WaitGroup
}

// Run serves until ctx ends, and then stops: it takes no more requests, finishes
// those it has, and writes down what is left to write.
func Run(ctx context.Context, c Config) error {
	if err := c.Check(); err != nil {
		return err
	}
	s, err := start(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(s.serve(ctx), s.stop())
}

// start opens the data folder and builds all the parts. What it leaves behind
// when it fails is closed.
func start(ctx context.Context, c Config) (_ *server, err error) {
	s := &server{config: c, log: c.Log, ids: ids.Source{Rand: c.Rand}, clientFiles: clientFilesIn(c.Folder.Path)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.data, err = openData(c.Folder, true, s.log); err != nil {
		return nil, err
	}
	if err := s.firstStart(ctx); err != nil {
		return nil, errors.Join(err, s.data.Close())
	}
	if err := s.openAudit(ctx); err != nil {
		return nil, errors.Join(err, s.data.Close())
	}
	if err := s.build(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// openAudit opens where records go: changes by way of the outbox and the drain,
// everything else by way of the spool.
func (s *server) openAudit(ctx context.Context) error {
	var to io.Writer
	switch {
	case s.config.AuditLog == "-":
		to = s.config.Stdout
	case s.config.Folder.Ephemeral:
		to = io.Discard
	default:
		return s.openAuditFiles(ctx)
	}
	memory := audit.NewMemory(audit.NewStream(to), recentRecords)
	s.sink, s.spool, s.past = memory, memory, memory
	s.startDrain(nil)
	return nil
}

func (s *server) openAuditFiles(ctx context.Context) (err error) {
	dir := s.data.path(auditFolder)
	s.past = audit.PastIn(dir)
	if s.sink, err = audit.OpenFiles(audit.FileConfig{Dir: dir, Now: s.config.Now}); err != nil {
		return err
	}
	written := audit.WrittenIn(dir)
	s.spool, err = audit.OpenSpool(ctx, audit.SpoolConfig{
		Path: filepath.Join(dir, spoolFile), To: s.sink, Written: written, Report: s.auditFailed,
	})
	if errors.Is(err, errors.ErrUnsupported) {
		s.spool, err = s.sink, nil
	}
	if err != nil {
		return errors.Join(err, s.sink.Close())
	}
	s.startDrain(written)
	return nil
}

func (s *server) startDrain(written func(eventID string) bool) {
	s.drain = audit.StartDrain(audit.DrainConfig{Store: s.data.store, Sink: s.sink, Written: written, Report: s.auditFailed})
}

func (s *server) auditFailed(err error) { s.log.Error("writing audit records", "err", err) }

func (s *server) build() error {
	s.usage = authn.NewUsage(s.data.store, s.log)
	ctx, cancel := context.WithCancel(context.Background())
	s.stopBackground = cancel
	s.clean(ctx)

	stacks := &engine.Engine{
		Store: s.data.store, Keyring: s.data.Keyring, IDs: s.ids, Base: s.base, Now: s.config.Now, Log: s.log,
	}
	rotations := &rotation.Engine{
		Store: s.data.store, Keyring: s.data.Keyring, Events: s.rotationEvent, Flush: s.usage.Flush, IDs: s.ids, Now: s.config.Now, Log: s.log,
	}
	hosts := s.config.hosts()
	buckets := &bucketReader{hosts: hosts}
	services, err := s.config.services(parts{
		trail:     s.past,
		stacks:    cfn.Config{Engine: stacks, Fetch: buckets.fetch},
		rotations: rotations,
		objects:   s3.Config{Files: s.data.objects, Store: s.data.store, Hosts: hosts},
	})
	if err != nil {
		return err
	}
	registry, err := gateway.NewRegistry(services)
	if err != nil {
		return err
	}
	rules, err := s.signatureRules()
	if err != nil {
		return err
	}
	proxies, err := s.config.trustedProxies()
	if err != nil {
		return err
	}
	records := directory.Cached(s.data.store, decodedRecords)
	g := &gateway.Gateway{
		Registry: registry,
		Store:    records,
		Keyring:  s.data.Keyring,
		Authn: &authn.Authenticator{
			Store:   records,
			Keyring: s.data.Keyring,
			Rules:   rules,
			Keys:    sigv4.NewKeyCache(signingKeys),

			EndWithKey: s.config.EndSessionsWithKey,
		},
		Authz:          &authz.Authorizer{Documents: policy.NewCache(compiledPolicies)},
		Usage:          s.usage,
		Trail:          audit.NewTrail(s.spool),
		REST:           restRules(rules),
		Drain:          s.drain,
		Account:        s.config.account(),
		IDs:            s.ids,
		Now:            s.config.Now,
		Log:            s.log,
		TrustedProxies: proxies,
	}
	stacks.Calls = calls{g, engine.Service}
	buckets.g = g
	s.background.Go(func() { stacks.Run(ctx) })
	s.inside = calls{g, "iamd"}
	rotations.Calls, rotations.Door = calls{g, rotation.Service}, g
	s.background.Go(func() { rotations.Run(ctx) })
	s.handler = s.doors(g, stacks)
	s.authority, err = s.buildAuthority(g)
	return err
}

// clean starts what goes on by itself.
func (s *server) clean(ctx context.Context) {
	s.background.Go(func() { s.usage.Run(ctx) })
	sweeper := &secrets.Sweeper{Store: s.data.store, Now: s.config.Now, Log: s.log}
	s.background.Go(func() { sweeper.Run(ctx) })
	files := &s3.Sweeper{Files: s.data.objects, Store: s.data.store, Now: s.config.Now, Log: s.log}
	s.background.Go(func() { files.Run(ctx) })
	reporter := &iam.Reporter{Store: s.data.store, Now: s.config.Now, Log: s.log}
	s.background.Go(func() { reporter.Run(ctx) })
}

func (s *server) signatureRules() (*sigv4.Verifier, error) {
	urls, err := s.config.publicURLs()
	if err != nil {
		return nil, err
	}
	rules := &sigv4.Verifier{}
	for _, u := range urls {
		rules.PublicHosts = append(rules.PublicHosts, sigv4.PublicHost{Host: u.Host, PathPrefix: u.EscapedPath()})
	}
	return rules, nil
}

// restRules are those for services whose bodies are read later, by S3's way of signing.
func restRules(rules *sigv4.Verifier) *sigv4.Verifier {
	rest := *rules
	rest.S3 = true
	rest.Payloads = sigv4.AllowUnsigned | sigv4.AllowStreaming | sigv4.AllowStreamingTrailer | sigv4.AllowStreamingUnsignedTrailer
	return &rest
}

// serve listens until ctx ends or a listener fails.
func (s *server) serve(ctx context.Context) error {
	open, err := s.listen()
	if err != nil {
		return err
	}
	web, authority := s.webServer(s.handler), s.authorityServer()
	running := []*http.Server{web, authority}
	group, ctx := errgroup.WithContext(ctx)
	if !s.config.Folder.Ephemeral {
		l, err := listenControl(s.config.Folder.Path)
		if err != nil {
			return errors.Join(err, closeAll(open.all()))
		}
		control := controlServer(&admin{s.data, s.inside})
		running = append(running, control)
		group.Go(func() error { return serveOn(control, l) })
	}
	for _, l := range open.web {
		group.Go(func() error { return serveOn(web, l) })
	}
	for _, l := range open.authority {
		group.Go(func() error { return serveOn(authority, l) })
	}
	s.ready.set(true)
	if err := s.announce(&open); err != nil {
		return errors.Join(err, closeServers(running), group.Wait())
	}
	<-ctx.Done()
	s.ready.set(false)
	s.log.Info("stopping")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopRequests)
	defer cancel()
	for _, h := range running {
		if h.Shutdown(stopping) != nil {
			err = errors.Join(err, h.Close())
		}
	}
	return errors.Join(err, group.Wait())
}

func closeServers(running []*http.Server) (err error) {
	for _, h := range running {
		err = errors.Join(err, h.Close())
	}
	return err
}

func serveOn(h *http.Server, l net.Listener) error {
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	}
	return nil
}

// stop ends the background work, in the order in which it feeds each other.
func (s *server) stop() error {
	s.stopBackground()
	s.background.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), stopRecords)
	defer cancel()
	return errors.Join(s.drain.Close(ctx), s.spool.Close(), s.sink.Close(), s.data.Close())
}
