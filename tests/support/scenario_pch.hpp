// Precompiled for the scenarios.
#pragma once
#include <boost/asio.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>
