// Signatures of webhooks: Standard Webhooks (github.com/standard-webhooks/standard-webhooks,
// spec/standard-webhooks.md, 1.0.0) and the HMACs that a hook describes. Pure.
#pragma once
#include <string>
#include <string_view>

#include "larder/admin/message.hpp"
#include "larder/admin/webhook.hpp"

namespace larder::admin {

Authenticity check_standard(const config::Webhook& hook, const Request& request, base::WallTime now);
Authenticity check_hmac(const config::Webhook& hook, const Request& request, base::WallTime now);

// SHA-256 (FIPS 180-4): 32 bytes.
std::string sha256(std::string_view bytes);

}  // namespace larder::admin
