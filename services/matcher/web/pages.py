"""The inbox page."""

from fastapi import APIRouter

router = APIRouter()
