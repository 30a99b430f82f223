// Who may call a webhook: reads `auth`.
#pragma once
#include "larder/config/webhook.hpp"
#include "yaml_reader.hpp"

namespace larder::config {

// False when not even the type could be read.
bool read_hook_auth(const Value& value, Webhook& hook);

}  // namespace larder::config
