package directory

import (
	"fmt"
	"time"

	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/totp"
)

const (
	// codeWindow is how many steps early or late a code may be.
	codeWindow = 1
	// syncWindow is the same for the two codes that say how far a device's clock is off.
	syncWindow = 20
)

// SealSeed puts seed into d, sealed so that it opens only as d's.
func (d *MFADevice) SealSeed(ring *seal.Keyring, seed []byte) (err error) {
	d.Sealed, err = ring.Seal(seed, d.key())
	return err
}

// Seed returns the seed that SealSeed put in.
func (d *MFADevice) Seed(ring *seal.Keyring) ([]byte, error) {
	seed, err := ring.Open(d.Sealed, d.key())
	if err != nil {
		return nil, fmt.Errorf("MFA device %s: %w", d.Serial(), err)
	}
	return seed, nil
}

// Take checks a code that the device shows, and returns the device as it is when
// the code is used up, for the caller to store: no code is good twice. It returns
// nil for a wrong code.
func (d *MFADevice) Take(ring *seal.Keyring, now time.Time, code string) (*MFADevice, error) {
	return d.take(ring, totp.At(now), totp.At(now)+d.Drift, codeWindow, code)
}

// Sync is Take for two codes in a row, from which it learns how far the device's
// clock is off.
func (d *MFADevice) Sync(ring *seal.Keyring, now time.Time, first, second string) (*MFADevice, error) {
	return d.take(ring, totp.At(now), totp.At(now), syncWindow, first, second)
}

func (d *MFADevice) take(ring *seal.Keyring, now, around, window totp.Counter, codes ...string) (*MFADevice, error) {
	seed, err := d.Seed(ring)
	if err != nil {
		return nil, err
	}
	first, ok := totp.Find(seed, around, window, d.Used, codes...)
	if !ok {
		return nil, nil
	}
	changed := *d
	changed.Used = first + totp.Counter(len(codes)) - 1
	if len(codes) > 1 {
		changed.Drift = changed.Used - now
		if -codeWindow <= changed.Drift && changed.Drift <= codeWindow {
			changed.Drift = 0 // the codes took a moment to get here
		}
	}
	return &changed, nil
}
