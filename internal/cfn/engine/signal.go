package engine

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// SignalPath is where the server takes signals. What follows it is a handle, sealed: who
// has the URL may signal, as with the presigned URLs of AWS.
const SignalPath = "/signals/"

// handlePlace is what handles are sealed for.
const handlePlace = "signal handle"

// handle is what a handle's URL stands for.
type handle struct {
	Account ids.Account
	Region  string
	Stack   string // its ID
	Place   string // of its signals
}

// Handle is a URL that takes signals for a resource.
func (c *client) Handle(r kind.Resource) (string, error) {
	text, err := json.Marshal(handle{r.Account, r.Region, c.stack, r.Logical + "." + r.Token})
	if err != nil {
		return "", err
	}
	sealed, err := c.e.Keyring().Seal(text, handlePlace)
	return c.e.Base() + SignalPath + base64.RawURLEncoding.EncodeToString(sealed), err
}

// Received are the signals that came to a handle so far.
func (c *client) Received(ctx context.Context, url string) ([]kind.Signal, error) {
	h, err := c.e.open(url)
	if err != nil {
		return nil, err
	}
	return c.e.signals(ctx, h)
}

// Signalled are the signals that SignalResource sent to a resource so far.
func (c *client) Signalled(ctx context.Context, r kind.Resource) ([]kind.Signal, error) {
	return c.e.signals(ctx, &handle{r.Account, r.Region, c.stack, r.Logical})
}

func (e *Engine) signals(ctx context.Context, h *handle) ([]kind.Signal, error) {
	var list []kind.Signal
	err := e.Store.View(ctx, func(r store.Reader) error {
		s, err := directory.GetStack(r, h.Account, h.Region, h.Stack)
		if err != nil || s == nil {
			return err
		}
		all, err := s.Signals(r, h.Place)
		for _, g := range all {
			list = append(list, kind.Signal{ID: g.ID, Reason: g.Reason, Data: g.Data, Failed: g.Failed})
		}
		return err
	})
	return list, err
}

// errHandle is a URL that no handle has.
var errHandle = kind.Failed("The Handle of the WaitCondition is not the URL of a WaitConditionHandle.")

func (e *Engine) open(url string) (*handle, error) {
	_, name, ok := strings.Cut(url, SignalPath)
	if !ok {
		return nil, errHandle
	}
	sealed, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil {
		return nil, errHandle
	}
	text, err := e.Keyring().Open(sealed, handlePlace)
	if err != nil {
		return nil, errHandle
	}
	h := &handle{}
	return h, json.Unmarshal(text, h)
}

// maxSignal is the most bytes of a signal, maxSignalID of its ID.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxSignal   = 4096 + 1024
	maxSignalID = 128
)

// ServeHTTP takes a signal: a PUT of JSON with Status, UniqueId, Data and Reason.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, err := e.open(r.URL.Path)
	if err != nil {
		http.Error(w, "There is no such handle.", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodPut && r.Method != http.MethodPost {
		http.Error(w, "A signal is a PUT.", http.StatusMethodNotAllowed)
		return
	}
	g, err := readSignal(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := e.Signal(r.Context(), h.Account, h.Region, h.Stack, h.Place, g); err != nil {
		e.log().Error("taking a signal", "stack", h.Stack, "err", err)
		http.Error(w, "The signal could not be kept.", http.StatusInternalServerError)
	}
}

func readSignal(body io.Reader) (*directory.Signal, error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxSignal+1))
	if err != nil || len(raw) > maxSignal {
		return nil, kind.Failed("A signal has at most 4,096 bytes.")
	}
	var said struct{ Status, UniqueId, Data, Reason string }
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, kind.Failed("A signal is JSON.")
	}
	if said.Status != "SUCCESS" && said.Status != "FAILURE" || said.UniqueId == "" || len(said.UniqueId) > maxSignalID || strings.Contains(said.UniqueId, "/") {
		return nil, kind.Failed("A signal has a Status, SUCCESS or FAILURE, and a UniqueId.")
	}
	return &directory.Signal{ID: said.UniqueId, Failed: said.Status == "FAILURE", Reason: said.Reason, Data: said.Data}, nil
}

// Signal keeps a signal for a place of a stack.
func (e *Engine) Signal(ctx context.Context, a ids.Account, region, stack, place string, g *directory.Signal) error {
	err := e.Store.Update(ctx, func(tx store.Tx) error {
		s, err := directory.GetStack(tx, a, region, stack)
		if err != nil || s == nil {
			return err
		}
		return s.PutSignal(tx, place, g)
	})
	e.Wake(stack)
	return err
}
